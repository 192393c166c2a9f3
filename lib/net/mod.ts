/**
 * All sockets: addresses, TLS, pins, listeners, taps.
 *
 * @module
 */

export * from "./address.ts";
export * from "./certificate.ts";
export * from "./credentials.ts";
export * from "./data_folder.ts";
export * from "./dial.ts";
export * from "./end_socket.ts";
export * from "./dial_failure.ts";
export * from "./failure.ts";
export * from "./fingerprint.ts";
export * from "./line_file.ts";
export * from "./hearing.ts";
export * from "./listen.ts";
export * from "./listen_on.ts";
export * from "./most_delay.ts";
export * from "./open_files.ts";
export * from "./pins.ts";
export * from "./rsa_keys.ts";
export * from "./shared_addresses.ts";
export * from "./tap.ts";
export * from "./udp_tap.ts";
export * from "./udp_port.ts";
