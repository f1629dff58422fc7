// A SharedWorker holds the one event stream of a person for all tabs; a stream a tab would starve the seventh.

const ports = new Set();
let stream = null;

function open() {
  if (stream) return;
  stream = new EventSource("/events");
  stream.onmessage = (event) => {
    const message = JSON.parse(event.data);
    for (const port of ports) port.postMessage(message);
  };
  // EventSource gives up for good on an error status (signed out, gateway restarting): try again later.
  stream.onerror = () => {
    if (stream?.readyState !== EventSource.CLOSED) return;
    stream = null;
    setTimeout(() => ports.size && open(), 5000);
  };
}

self.onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data !== "bye") return;
    ports.delete(port);
    if (ports.size) return;
    stream?.close();
    stream = null;
  };
  open();
};
