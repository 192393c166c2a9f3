import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { KeyObject } from "node:crypto";
import { join } from "node:path";
import {
  dial,
  type DialOptions,
  type FailureKind,
  fingerprintOf,
  KnownServers,
  makeCertificate,
  UserError,
} from "../../lib/net/mod.ts";
import { dialFailure } from "../../lib/net/dial_failure.ts";
import {
  destroy,
  freePort,
  freshPair,
  once,
  serveTcp,
  serveTls,
  type TlsTestServer,
} from "./sockets.ts";

const PAIR = await freshPair();
const OTHER = await freshPair();
const FINGERPRINT = fingerprintOf(PAIR.certificate);
/** Long: it only ends a test that hangs. */
const PATIENT = { timeout: 20_000 };

function tlsAt(port: number, host = "127.0.0.1") {
  return { tls: true, host, port };
}

/** Dials, shows that the connection works, closes it. */
async function accepted(
  server: TlsTestServer,
  options: Omit<DialOptions, "timeout">,
  host?: string,
): Promise<void> {
  const socket = await dial(tlsAt(server.port, host), {
    ...PATIENT,
    ...options,
  });
  socket.write("hello");
  assertEquals(String(await once(socket, "data")), "hello");
  await destroy(socket);
}

/** Dials, and shows that it is refused before anything was sent. */
async function refused(
  server: TlsTestServer,
  kind: FailureKind,
  options: Omit<DialOptions, "timeout">,
  host?: string,
): Promise<UserError> {
  const before = server.received.length;
  const error = await assertRejects(
    () => dial(tlsAt(server.port, host), { ...PATIENT, ...options }),
    UserError,
  );
  assertEquals(error.kind, kind, error.message);
  await server.closed();
  assertEquals(server.received.length, before);
  return error;
}

async function withPins(run: (pins: KnownServers) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(new KnownServers(join(folder, "chatp")));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a plaintext address gives a plain socket", async () => {
  await using server = await serveTcp((socket) => socket.pipe(socket));
  const socket = await dial(
    { tls: false, host: "127.0.0.1", port: server.port },
    PATIENT,
  );
  socket.write("hello");
  assertEquals(String(await once(socket, "data")), "hello");
  await destroy(socket);
});

Deno.test("a name is resolved", async () => {
  await using server = await serveTls(PAIR);
  await accepted(server, { ca: PAIR.certificate }, "localhost");
});

Deno.test("a new server is pinned and reported, then known, then refused when changed", () =>
  withPins(async (pins) => {
    const pinned: string[] = [];
    const onPinned = (fingerprint: string) => pinned.push(fingerprint);
    let port: number;
    {
      await using server = await serveTls(PAIR);
      port = server.port;
      await accepted(server, { pins, onPinned });
      await accepted(server, { pins, onPinned });
      assertEquals(pinned, [FINGERPRINT]);
    }
    await using server = await serveTls(OTHER);
    await Deno.writeTextFile(
      pins.path,
      (await Deno.readTextFile(pins.path)).replace(
        `:${port} `,
        `:${server.port} `,
      ),
    );
    const error = await refused(server, "certificate_changed", {
      pins,
      onPinned,
    });
    assert(error.message.includes(FINGERPRINT), error.message);
    assert(error.message.includes(fingerprintOf(OTHER.certificate)));
    assert(error.advice.includes(`line 1 of ${pins.path}`), error.advice);
    assertEquals(pinned, [FINGERPRINT]);
  }));

Deno.test("no session is resumed, so every connection is judged", async () => {
  await using server = await serveTls(PAIR);
  for (let round = 0; round < 3; round++) {
    await accepted(server, { fingerprint: FINGERPRINT });
    await refused(server, "certificate_untrusted", {});
  }
});

Deno.test("an expired certificate that is pinned is accepted", () =>
  withPins(async (pins) => {
    const expired = await makeCertificate({
      name: "localhost",
      days: 1,
      kind: "ecdsa",
      now: new Date("2020-01-01"),
    });
    await using server = await serveTls(expired);
    const address = { host: "127.0.0.1", port: server.port };
    await pins.add(address, fingerprintOf(expired.certificate));
    await accepted(server, { pins });
    const error = await refused(server, "certificate_untrusted", {
      ca: expired.certificate,
    });
    assertMatch(error.message, /expired/);
  }));

Deno.test("with an authority its own certificates alone are accepted, and nothing is pinned", () =>
  withPins(async (pins) => {
    await using server = await serveTls(PAIR);
    await accepted(server, { ca: PAIR.certificate, pins });
    await refused(server, "certificate_untrusted", {
      ca: OTHER.certificate,
      pins,
    });
    assertEquals(
      await pins.find({ host: "127.0.0.1", port: server.port }),
      undefined,
    );
  }));

Deno.test("with an authority the certificate has to be for the host", async () => {
  const elsewhere = await pairForAnotherHost();
  await using server = await serveTls(elsewhere);
  const error = await refused(server, "certificate_untrusted", {
    ca: elsewhere.certificate,
  });
  assertMatch(error.message, /for another host/);
  await refused(server, "certificate_untrusted", {
    ca: elsewhere.certificate,
  }, "localhost");
});

/** Ours are for localhost too; this one is for another host alone. */
async function pairForAnotherHost() {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const signingAlgorithm = {
    name: "ECDSA",
    namedCurve: "P-256",
    hash: "SHA-256",
  };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=chat.example.org",
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 60_000_000),
    keys,
    signingAlgorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "chat.example.org" },
      ]),
    ],
  });
  return {
    certificate: certificate.toString("pem"),
    key: String(
      KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }),
    ),
  };
}

Deno.test("with a fingerprint that certificate alone is accepted, however it is written", () =>
  withPins(async (pins) => {
    await using server = await serveTls(PAIR);
    const bare = FINGERPRINT.replaceAll(":", "").toLowerCase();
    await accepted(server, { fingerprint: FINGERPRINT });
    await accepted(server, { fingerprint: bare });
    const wrong = fingerprintOf(OTHER.certificate);
    await pins.add({ host: "127.0.0.1", port: server.port }, FINGERPRINT);
    const error = await refused(server, "certificate_untrusted", {
      fingerprint: wrong,
      ca: PAIR.certificate,
      pins,
    });
    assert(error.message.includes(FINGERPRINT), error.message);
  }));

Deno.test("what is no fingerprint is refused before anything is opened", async () => {
  const error = await assertRejects(
    () => dial(tlsAt(1), { ...PATIENT, fingerprint: "AA:BB" }),
    UserError,
  );
  assertEquals(error.kind, "usage");
});

Deno.test("insecure accepts everything and pins nothing", () =>
  withPins(async (pins) => {
    await using server = await serveTls(PAIR);
    await accepted(server, { insecure: true, pins });
    assertEquals(
      await pins.find({ host: "127.0.0.1", port: server.port }),
      undefined,
    );
  }));

Deno.test("without known servers an unverifiable certificate is not trusted", async () => {
  await using server = await serveTls(PAIR);
  const error = await refused(server, "certificate_untrusted", {});
  assertMatch(error.message, /self-signed/);
  assert(error.advice.includes(FINGERPRINT), error.advice);
});

async function failure(
  address: { tls: boolean; host: string; port: number },
  options: DialOptions = PATIENT,
): Promise<UserError> {
  return await assertRejects(() => dial(address, options), UserError);
}

Deno.test("a closed port is a refused connection", async () => {
  const port = await freePort();
  const error = await failure({ tls: false, host: "127.0.0.1", port });
  assertEquals(error.kind, "refused");
  assertEquals(error.message, `127.0.0.1:${port} refused the connection`);
});

Deno.test("a name that does not resolve is told as that", async () => {
  const error = await failure({ tls: true, host: "nothing.invalid", port: 1 });
  assertEquals(error.kind, "name_not_found");
  assertMatch(error.message, /nothing\.invalid/);
});

Deno.test("a server that never answers the handshake has timed out", async () => {
  await using server = await serveTcp(() => {});
  const error = await failure(tlsAt(server.port), { timeout: 50 });
  assertEquals(error.kind, "timed_out");
  assertMatch(error.message, /within 0\.05 s \(waited for TLS\)/);
});

Deno.test("a server that answers without TLS speaks another protocol", async () => {
  await using server = await serveTcp((socket) => {
    socket.once("data", () => socket.end('{"type":"error_msg"}\n'));
  });
  const error = await failure(tlsAt(server.port));
  assertEquals(error.kind, "wrong_protocol");
  assertMatch(error.advice, /plaintext: try chatp:\/\//);
});

Deno.test("a server that hangs up in the handshake has failed TLS", async () => {
  await using server = await serveTcp((socket) => {
    socket.once("data", () => socket.end());
  });
  const error = await failure(tlsAt(server.port));
  assertEquals(error.kind, "tls_failed");
  assertMatch(error.message, /closed the connection during the TLS handshake/);
});

Deno.test("a server that resets in the handshake has failed TLS", async () => {
  await using server = await serveTcp((socket) => {
    socket.once("data", () => socket.resetAndDestroy());
  });
  assertEquals((await failure(tlsAt(server.port))).kind, "tls_failed");
});

Deno.test("an attempt can be called off", async () => {
  await using server = await serveTcp(() => {});
  const abort = new AbortController();
  const attempt = dial(tlsAt(server.port), {
    ...PATIENT,
    signal: abort.signal,
  });
  abort.abort(new Error("enough"));
  await assertRejects(() => attempt, Error, "enough");
  await assertRejects(
    () => dial(tlsAt(server.port), { ...PATIENT, signal: abort.signal }),
    Error,
    "enough",
  );
});

Deno.test("an error after the connection was made does not end the process", async () => {
  await using server = await serveTcp((socket) => {
    socket.once("data", () => socket.resetAndDestroy());
  });
  const socket = await dial(
    { tls: false, host: "127.0.0.1", port: server.port },
    PATIENT,
  );
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write("x");
  socket.resume();
  await closed;
});

/** What the system says, how far it had come, and what that means. */
const CAUSES:
  readonly (readonly [string, "name" | "tcp" | "tls", FailureKind])[] = [
    ["ENOTFOUND", "name", "name_not_found"],
    ["EAI_AGAIN", "name", "name_not_found"],
    ["ECONNREFUSED", "tcp", "refused"],
    ["ETIMEDOUT", "tcp", "timed_out"],
    ["EHOSTUNREACH", "tcp", "unreachable"],
    ["ENETUNREACH", "tcp", "unreachable"],
    ["ECONNRESET", "tcp", "connection_lost"],
    ["ECONNRESET", "tls", "tls_failed"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "tls", "wrong_protocol"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "tls", "tls_failed"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls", "tls_failed"],
    ["ENEW", "tcp", "connection_lost"],
  ];

for (const [code, phase, kind] of CAUSES) {
  Deno.test(`${code} while doing ${phase} is ${kind}`, () => {
    const cause = Object.assign(new Error("it went wrong"), { code });
    const error = dialFailure(cause, phase, { host: "::1", port: 7 }, PATIENT);
    assertEquals(error.kind, kind);
    assertEquals(error.cause, cause);
    const all = new AggregateError([cause]);
    assertEquals(
      dialFailure(all, phase, { host: "::1", port: 7 }, PATIENT).kind,
      kind,
    );
  });
}
