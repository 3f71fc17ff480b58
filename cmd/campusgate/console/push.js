import { send } from "./client.js";
import { base } from "./reference.js";
import { session } from "./session.js";

// How long to wait before the WebSocket is opened again, in milliseconds: longer each time.
const shortestPause = 1000;
const longestPause = 30_000;

// listen tells onPush of each push to the account that the page acts as ({subtype, data}), and
// of each time that pushes begin, as others may have been missed, until shown is false. find
// finds a call by its name.
export function listen(find, shown, onPush) {
  const ticket = find("message/ticket");
  let pause = shortestPause;
  if (!ticket) return;

  async function open() {
    if (!shown()) return;
    const token = session.token;
    const { envelope } = token ? await send(ticket, {}) : {};
    if (!shown()) return;
    if (envelope?.status !== 0) return again();
    const url = new URL(`${base}live?ticket=${encodeURIComponent(envelope.data.ticket)}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    const current = () => {
      if (shown() && session.token === token) return true;
      socket.close();
      return false;
    };
    socket.onopen = () => {
      pause = shortestPause;
      if (current()) onPush({});
    };
    socket.onmessage = ({ data }) => current() && onPush(JSON.parse(data));
    socket.onclose = () => again();
  }

  function again() {
    setTimeout(open, pause);
    pause = Math.min(2 * pause, longestPause);
  }
  open();
}
