/**
 * Which events answer which requests.
 *
 * @module
 */

import type { Request } from "../../lib/wire/mod.ts";

/** The replies that a request may get, besides an error. */
export const REPLIES: Readonly<Record<Request["type"], readonly string[]>> = {
  login: ["login_ack"],
  resume: ["login_ack"],
  register: ["register", "login_ack"],
  change_password: ["change_password"],
  room_msg: ["room_msg_ack", "private_msg_delivery"],
  private_msg: ["private_msg_delivery"],
  join_room: ["join_room"],
  leave_room: ["leave_room"],
  make_group: ["make_group"],
  invite: ["invite"],
  set_topic: ["set_topic"],
  set_away: ["set_away"],
  list_users: ["list_users"],
  list_rooms: ["list_rooms"],
  list_members: ["list_members"],
  list_own_rooms: ["list_own_rooms"],
  list_people: ["list_people"],
  list_waiting: ["list_waiting"],
  history: ["history"],
  search: ["search"],
  names: ["names"],
  publish_key: ["publish_key"],
  find_key: ["find_key"],
  receipt: [],
  logout: [],
};
