// Three sounds without files: short high = done, two low = look, harsh = stop.

const SOUNDS = {
  ok: [{ hz: 1320, at: 0, for: 0.07 }],
  look: [{ hz: 440, at: 0, for: 0.12 }, { hz: 440, at: 0.18, for: 0.12 }],
  stop: [{ hz: 155, at: 0, for: 0.42, wave: "sawtooth" }],
};
let context = null;

/** Play one of the three; silent where the browser has no sound or nobody has touched the page yet. */
export function beep(name) {
  const notes = SOUNDS[name];
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!notes || !Context) return;
  context ||= new Context();
  context.resume?.();
  for (const note of notes) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const from = context.currentTime + note.at;
    tone.type = note.wave || "sine";
    tone.frequency.value = note.hz;
    volume.gain.setValueAtTime(0.16, from);
    volume.gain.setTargetAtTime(0, from + note.for, 0.02);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + note.for + 0.12);
  }
}
