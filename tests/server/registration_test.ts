/** Accounts that a client and the command line make at once. */

import { assertEquals } from "@std/assert";
import { DEFAULT_LIMITS } from "../../lib/chat/mod.ts";
import { ChatServer, SILENT } from "../../lib/server/mod.ts";
import { openAccounts, openStore, SECRETS } from "../../lib/store/mod.ts";
import { parseUsername } from "../../lib/wire/mod.ts";
import { withFolder } from "../store/temporary_folder.ts";
import { ChatProto2Client } from "./chatproto2_client.ts";

Deno.test("a name that chatp user adds while somebody registers it is told to be taken", () =>
  withFolder(async (folder) => {
    const server = await ChatServer.start({
      listen: [{ host: "127.0.0.1", port: 0 }],
      openStore: () => openStore({ folder }),
      secrets: {
        ...SECRETS,
        // As long as that takes, anybody may come.
        hashPassword: (password) => {
          const accounts = openAccounts(folder);
          const verifier = { rounds: 1, salt: SALT, hash: SALT };
          accounts.add(parseUsername("Zoe"), verifier, 1);
          accounts.close();
          return SECRETS.hashPassword(password);
        },
      },
      limits: DEFAULT_LIMITS,
      plaintext: false,
      logger: SILENT,
    });
    try {
      const zoe = await ChatProto2Client.connect(
        server.addresses[0]?.port ?? 0,
      );
      const refused = await zoe.answer(
        { type: "register", username: "zoe", password: "mine" },
        "error_msg",
      );
      assertEquals(refused.text, "Name taken: zoe is taken");
      await zoe.close();
    } finally {
      await server.close();
    }
  }));

/** Of whom nobody knows the password. */
const SALT = new Uint8Array(32);
