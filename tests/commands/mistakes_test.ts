import { assertEquals } from "@std/assert";
import { chatp, Folder } from "./chatp_process.ts";

const RELAY_USAGE =
  "Two clients use it: chatp connect relay://HOST:PORT --key FILE --peer-key FILE";

const MISTAKES: readonly (readonly [string, number, string, string])[] = [
  [
    "srve",
    2,
    'Unknown command "srve". Did you mean command "serve"?',
    "See chatp --help",
  ],
  [
    "con",
    2,
    'Unknown command "con". Did you mean command "connect"?',
    "See chatp --help",
  ],
  [
    "help usre",
    2,
    'Unknown command "usre". Did you mean command "user"?',
    "See chatp help --help",
  ],
  ["talk", 2, 'Unknown command "talk"', "See chatp --help"],
  ["user nobody", 2, 'Unknown command "nobody"', "See chatp user --help"],
  [
    "serve --prot 3",
    2,
    'Unknown option "--prot". Did you mean option "--port"?',
    "See chatp serve --help",
  ],
  [
    "serve --verbose",
    2,
    'Unknown option "--verbose"',
    "See chatp serve --help",
  ],
  ["serve -x", 2, 'Unknown option "-x"', "See chatp serve --help"],
  [
    "connect al --timout=3",
    2,
    'Unknown option "--timout". Did you mean option "--timeout"?',
    "See chatp connect --help",
  ],
  [
    "connect --bogus al",
    2,
    'Unknown option "--bogus"',
    "See chatp connect --help",
  ],
  [
    "connect al --rom tea",
    2,
    'Unknown option "--rom". Did you mean option "--room"?',
    "See chatp connect --help",
  ],
  [
    "connect --rom tea al",
    2,
    'Unknown option "--rom". Did you mean option "--room"?',
    "See chatp connect --help",
  ],
  [
    "connect al chatp://127.0.0.1:1 --jsn",
    2,
    'Unknown option "--jsn". Did you mean option "--json"?',
    "See chatp connect --help",
  ],
  [
    "connect al 127.0.0.1 tea --room tea",
    2,
    'Argument "port" must be of type "integer", but got "tea".',
    "See chatp connect --help",
  ],
  [
    "connect al --timeout 0",
    2,
    "--timeout takes 0.001 to 2147483 seconds, not 0",
    "See chatp connect --help",
  ],
  [
    "connect al;ice",
    2,
    '"al;ice" is no name for a user: a user name is made of letters, ' +
    "digits, '_', '.' and '-'",
    "Choose another one",
  ],
  [
    "connect al --password-file FOLDER/none",
    24,
    "Cannot read FOLDER/none: No such file or directory",
    "Check its name and permissions",
  ],
  [
    "connect al --password-file FOLDER/long",
    2,
    "The first line of FOLDER/long has 70000 bytes, a password has at most 1024",
    "Choose a shorter one",
  ],
  [
    "connect al --ca FOLDER/none",
    24,
    "Cannot read the certificate FOLDER/none: No such file or directory",
    "Check the name after --ca and the file's permissions",
  ],
  [
    "connect al --ca FOLDER/text",
    1,
    "There is no certificate in FOLDER/text; PEM was expected",
    "Make a new pair with chatp cert, or check --cert, --key and --ca",
  ],
  [
    "capture samples --forse",
    2,
    'Unknown option "--forse". Did you mean option "--force"?',
    "See chatp capture samples --help",
  ],
  [
    "capture samples FOLDER/text",
    27,
    "The folder FOLDER/text can't be made: File exists",
    "Choose another folder",
  ],
  [
    "capture --listen 0 --to 127.0.0.1:1 -w FOLDER/none/a.pcap",
    27,
    "The file FOLDER/none/a.pcap can't be written: No such file or directory",
    "Choose another file, or make room and check permissions",
  ],
  [
    "bench --output FOLDER/none/a.txt",
    27,
    "The report can't be written to FOLDER/none/a.txt: " +
    "No such file or directory",
    "Choose another file with --output",
  ],
  [
    "cert --cert FOLDER/none/a.crt --key FOLDER/none/a.key",
    27,
    "Cannot write FOLDER/none/a.key: No such file or directory",
    "Check that its folder is there and yours to write",
  ],
  [
    "backup --dta=FOLDER",
    2,
    'Unknown option "--dta". Did you mean option "--data"?',
    "See chatp backup --help",
  ],
  [
    "backup --dta FOLDER",
    2,
    'Unknown option "--dta". Did you mean option "--data"?',
    "See chatp backup --help",
  ],
  [
    "serve --port 70000",
    2,
    "A port is a number from 0 to 65535, --port says 70000",
    "See chatp serve --help",
  ],
  [
    "serve --listen udpchat://0.0.0.0:0",
    2,
    "udpchat://0.0.0.0:0 would take passwords and messages from other machines " +
    "in the open",
    "Listen on udpchat://127.0.0.1, or, in a network that you trust, add " +
    "--plaintext",
  ],
  [
    "serve --listen udpchat://127.0.0.1:0 --drop 1.5",
    2,
    "--drop takes a share from 0 to 1, it says 1.5",
    "See chatp serve --help",
  ],
  [
    "connect al 127.0.0.1 99999",
    2,
    "The port 99999 is not a number from 1 to 65535",
    "Give a port such as 5555",
  ],
  [
    "serve --metrics 99999",
    2,
    'The port of "99999" is not a number from 0 to 65535',
    "Give a port such as 9100",
  ],
  ...([
    ["--metrics 5555", "--port 5555 and --metrics 5555"],
    [
      "--host 127.0.0.1 --port 5555 --metrics :5555",
      "--port 5555 and --metrics 5555",
    ],
    [
      "--listen relay://:2000 --listen json://127.0.0.1:2000",
      "--listen json://127.0.0.1:2000 and --listen relay://0.0.0.0:2000",
    ],
    [
      "--listen cp://[::]:5035 --metrics [::1]:5035",
      "--listen cp://[::]:5035 and --metrics 5035",
    ],
    [
      "--host :: --port 5555 --metrics 5555",
      "--port 5555 and --metrics 5555",
    ],
    [
      "--host localhost --port 5555 --metrics 5555",
      "--port 5555 and --metrics 5555",
    ],
  ] as const).map(([options, both]) =>
    [
      `serve ${options}`,
      2,
      `${both} are the same port`,
      "Give each a port of its own, or 0 for a free one",
    ] as const
  ),
  [
    "serve --metrics 127.0.0.1",
    2,
    'The address "127.0.0.1" has no port',
    "Write host:port, an IPv6 address in brackets, or a port alone",
  ],
  [
    "user list --data FOLDER/text",
    25,
    "FOLDER/text/log.db can't be used: Not a directory",
    "Check owner and permissions, or choose another folder",
  ],
  [
    "connect relay://h --peer-key FOLDER/text",
    2,
    "A relay needs --key",
    RELAY_USAGE,
  ],
  [
    "connect relay://h --key FOLDER/text",
    2,
    "A relay needs --peer-key",
    RELAY_USAGE,
  ],
  [
    "connect relay://h 2001 --key a --peer-key b",
    2,
    'A relay\'s address stands alone, and "2001" was given besides',
    RELAY_USAGE,
  ],
  [
    "connect al relay://h",
    2,
    "The relay relay://h:2000 has no chat",
    RELAY_USAGE,
  ],
  [
    "connect al h --peer-key FOLDER/text",
    2,
    "--peer-key is for a relay alone",
    RELAY_USAGE,
  ],
  [
    "connect al h --key FOLDER/text",
    1,
    "There is no private key in FOLDER/text; PEM was expected",
    "Make a pair with chatp keys new NAME, or check --key and --peer-key",
  ],
  [
    "connect relay://h --key FOLDER/text --peer-key b",
    1,
    "There is no private key in FOLDER/text; PEM was expected",
    "Make a pair with chatp keys new NAME, or check --key and --peer-key",
  ],
  ...["connect al", "connect relay://h --peer-key FOLDER/none"].map((line) =>
    [
      `${line} --key FOLDER/none`,
      24,
      "Cannot read the private key FOLDER/none: No such file or directory",
      "Make a pair with chatp keys new NAME, or check --key and --peer-key",
    ] as const
  ),
  [
    "serve --cert FOLDER/none --key FOLDER/none",
    24,
    "Cannot read the certificate FOLDER/none: No such file or directory",
    "Check its name and permissions",
  ],
  [
    "keys fingerprint FOLDER/none",
    24,
    "Cannot read the key FOLDER/none: No such file or directory",
    "Make a pair with chatp keys new NAME",
  ],
  [
    "keys fingerprint FOLDER/text",
    1,
    "There is no key in FOLDER/text; PEM was expected",
    "Make a pair with chatp keys new NAME",
  ],
  [
    "keys new ",
    2,
    "The name of the pair is empty",
    "Give the folder that it is to be in, such as me",
  ],
  [
    "keys new FOLDER/text",
    27,
    "The folder FOLDER/text can't be made: File exists",
    "Check that its folder is there and yours to write",
  ],
  [
    "keys new FOLDER/short --bits 1024",
    2,
    "A key has 2048 to 8192 bits, not 1024",
    "See chatp keys new --help",
  ],
];

for (const [line, status, message, advice] of MISTAKES) {
  Deno.test(`chatp ${line} is told in two lines, with status ${status}`, async () => {
    await using folder = await Folder.make();
    const here = (text: string) => text.replaceAll("FOLDER", folder.path);
    await Deno.writeTextFile(`${folder.path}/text`, "no PEM\n");
    const long = `${folder.path}/long`;
    await Deno.writeTextFile(long, "x".repeat(70_000), { mode: 0o600 });
    const { code, out, err } = await chatp(here(line).split(" "), {
      data: folder.path,
    });
    assertEquals({ code, out, err }, {
      code: status,
      out: [],
      err: [`chatp: ${here(message)}`, `  try: ${advice}`],
    });
  });
}
