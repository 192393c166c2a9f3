/**
 * How a client of this wire begins: SYN, then what logs it in.
 *
 * | asked | SYN's body | behind its ACK |
 * | --- | --- | --- |
 * | login | `{"username":null}` | `USR_LOGIN` |
 * | register | `{"username":null}` | `USR_ADD` |
 * | resume | `{"username":…,"token":…}` | nothing; anything but status 200 is refused |
 *
 * @module
 */

import { errorText } from "../errors.ts";
import type { LoginAck, LoginReject } from "../events.ts";
import { LOBBY } from "../names.ts";
import type { Login, Register, Resume } from "../requests.ts";
import { type AnswerBody, fieldsOf, readAnswer } from "./client_bodies.ts";
import type { DatagramBody } from "./datagram.ts";

/** What a connection begins with. */
export type Opening = Login | Register | Resume;

/** Whether a request is one. */
export function isOpening(
  request: { readonly type: string },
): request is Opening {
  const { type } = request;
  return type === "login" || type === "register" || type === "resume";
}

/** What the SYN says. `username`: as the server wrote it. */
export function synBody(opening: Opening, username: string): DatagramBody {
  return opening.type === "resume"
    ? { username, token: opening.token }
    : { username: null };
}

function reject(
  code: 400 | 401 | 404 | 409 | 429 | 500,
  detail: string,
  hint?: string,
): LoginReject {
  const reason = errorText(code, detail);
  return {
    type: "login_reject",
    reason,
    code,
    ...hint !== undefined && { hint },
  };
}

/** What logs in, once the SYN is acknowledged; or why nothing can. */
export function loginBody(
  opening: Login | Register,
): DatagramBody | LoginReject {
  const { username, password } = opening;
  if (username === undefined || password === undefined) {
    return reject(401, "udpchat:// has no guests, and needs a password");
  }
  const type = opening.type === "login" ? "USR_LOGIN" : "USR_ADD";
  return { type, username, password };
}

/** What the ACK of a SYN that resumes says. */
export function resumed(
  body: DatagramBody,
  username: string,
): LoginAck | LoginReject {
  if (body["status"] === 200) {
    return { type: "login_ack", username, room: LOBBY };
  }
  return reject(401, "the server does not know this session any more");
}

/**
 * What the answer to {@link loginBody} says.
 *
 * @throws {RemoteProtocolError} 400 when it can't be read.
 */
export function loggedIn(
  opening: Login | Register,
  body: DatagramBody,
): LoginAck | LoginReject {
  const answer = readAnswer(body);
  const fields = fieldsOf(answer.response);
  const { username = "" } = opening;
  if (answer.status !== 200) return rejected(opening, answer);
  if (opening.type === "register" && fields["created_user"] !== true) {
    return reject(409, `${username} has an account`);
  }
  const { username: shown, token } = fields;
  return {
    type: "login_ack",
    username: typeof shown === "string" ? shown : username,
    room: LOBBY,
    ...typeof token === "string" && { token },
  };
}

function rejected(
  opening: Login | Register,
  { status, code, error, response }: AnswerBody,
): LoginReject {
  if (fieldsOf(response)["no_account"] === true) {
    const hint = "Make the account with --register";
    return reject(404, `${opening.username} has no account`, hint);
  }
  // The wire says 400 where a password is wrong.
  const isPassword = opening.type === "login" &&
    (code === 401 || code === 400 && status === 400);
  if (isPassword) return { ...reject(401, ""), reason: error };
  if (code === 403 && opening.type === "register") {
    const hint = "Ask whoever runs the server for an account";
    return { ...reject(400, "", hint), reason: error };
  }
  return { type: "login_reject", reason: error, code };
}
