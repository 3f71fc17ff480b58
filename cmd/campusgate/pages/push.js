import { send } from "./client.js";
import { base } from "./reference.js";
import { session } from "./session.js";

// How long to wait before the WebSocket is opened again, in milliseconds: longer each time.
const shortestPause = 1000;
const longestPause = 30_000;

// listen tells onPush of each push to the account that the page acts as ({subtype, data}), and
// of each time that pushes begin, as others may have been missed, until the function that it
// returns is called. find finds a call by its name.
export function listen(find, onPush) {
  const ticket = find("message/ticket");
  let pause = shortestPause;
  let ended = !ticket || !session.token;
  let socket;

  async function open() {
    if (ended) return;
    const { envelope } = await send(ticket, {});
    if (ended) return;
    if (envelope?.status !== 0) return again();
    const url = new URL(`${base}live?ticket=${encodeURIComponent(envelope.data.ticket)}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    socket = new WebSocket(url);
    socket.onopen = () => {
      if (ended) return socket.close();
      pause = shortestPause;
      onPush({});
    };
    socket.onmessage = ({ data }) => onPush(JSON.parse(data));
    socket.onclose = again;
  }

  function again() {
    setTimeout(open, pause);
    pause = Math.min(2 * pause, longestPause);
  }
  open();
  const isOpen = () => socket?.readyState === WebSocket.OPEN;
  return {
    isOpen,
    end() {
      ended = true;
      if (isOpen()) socket.close(); // else once it is open: a browser warns of less
    },
  };
}
