// Pages for walking rounds open without a network: the newest copy when there is one, the kept copy when not.

const KEPT = "guanwu-rounds";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

async function freshOrKept(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await kept.put(request, answer.clone());
    return answer;
  } catch (error) {
    const copy = await kept.match(request, { ignoreVary: true });
    if (copy) return copy;
    throw error;
  }
}

async function keptOrFresh(request) {
  const copy = await caches.match(request);
  return copy || freshOrKept(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  // Static files carry their hash in their name, so a kept one is never old.
  if (url.pathname.startsWith("/static/")) event.respondWith(keptOrFresh(request));
  else if (request.mode === "navigate") event.respondWith(freshOrKept(request));
});
