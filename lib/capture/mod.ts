/**
 * Captures: recording what goes through a tap as packets, and taking capture
 * files apart. Pure but for the recorder's file.
 *
 * @module
 */

export * from "./conversation.ts";
export * from "./datagram_writer.ts";
export * from "./dissect.ts";
export { dissectorSource } from "./dissector/dissector.ts";
export * from "./finding.ts";
export * from "./format.ts";
export * from "./frame.ts";
export { internetChecksum, type LeftOut } from "./ip_packet.ts";
export * from "./link.ts";
export * from "./packets.ts";
export * from "./pcap.ts";
export * from "./read.ts";
export * from "./recorder.ts";
export * from "./retell.ts";
export * from "./stream_writer.ts";
export * from "./summary.ts";
export * from "./udp_flows.ts";
export * from "./udpchat_datagrams.ts";
export * from "./wire_readers.ts";
