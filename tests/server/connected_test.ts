import { assertRejects } from "@std/assert";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { connected } from "./connected.ts";

Deno.test("a connection that is closed amid its handshake is an error, even without one", async () => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = net.connect({ port, host: "127.0.0.1" });
  const connecting = connected(socket, true);
  await once(socket, "connect");
  socket.destroy();
  await assertRejects(
    () => connecting,
    Error,
    "It was closed amid the handshake",
  );
  server.close();
  await once(server, "close");
});
