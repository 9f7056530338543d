import { createSocket, type Socket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket as TcpSocket } from "node:net";

const TYPE_NUMBERS = { A: 1, NS: 2, CNAME: 5, MX: 15, AAAA: 28, SRV: 33 } as const;
export type RecordType = keyof typeof TYPE_NUMBERS;

const RCODES = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

/** A DNS server whose answers a test sets; it answers over UDP, and over TCP where an answer is too long. */
export class DnsServer {
  readonly #udp: Socket = createSocket("udp4");
  readonly #tcp: Server;
  readonly #records = new Map<string, readonly Buffer[]>();
  readonly #failing = new Map<string, keyof typeof RCODES>();
  readonly questions: string[] = [];
  tcpQuestions = 0;

  constructor() {
    this.#udp.on("message", (message, { port, address }) => {
      const answer = this.#answer(message);
      this.#udp.send(answer.length > 512 ? truncated(answer) : answer, port, address);
    });
    this.#tcp = createServer((socket) => this.#serveTcp(socket));
  }

  get address(): string {
    return `127.0.0.1:${(this.#tcp.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#tcp.listen(0, "127.0.0.1", resolve));
    const { port } = this.#tcp.address() as AddressInfo;
    await new Promise<void>((resolve) => this.#udp.bind(port, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#udp.close(resolve));
    await new Promise((resolve) => this.#tcp.close(resolve));
  }

  /** Records of a name, as their data. */
  set(name: string, type: RecordType, ...data: readonly Buffer[]): void {
    this.#records.set(`${name} ${type}`, data);
  }

  fail(name: string, code: keyof typeof RCODES | undefined): void {
    if (code === undefined) this.#failing.delete(name);
    else this.#failing.set(name, code);
  }

  #serveTcp(socket: TcpSocket): void {
    socket.on("error", () => undefined);
    socket.on("data", (message) => {
      this.tcpQuestions++;
      const answer = this.#answer(message.subarray(2));
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.end(Buffer.concat([length, answer]));
    });
  }

  #answer(message: Buffer): Buffer {
    const { name, type, end } = readQuestion(message);
    this.questions.push(`${name} ${type}`);
    const exists = [...this.#records.keys()].some((key) => key.startsWith(`${name} `));
    const code = this.#failing.get(name) ?? (exists ? "NOERROR" : "NXDOMAIN");
    const records = code === "NOERROR" ? (this.#records.get(`${name} ${type}`) ?? []) : [];
    const header = Buffer.alloc(12);
    message.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8180 | RCODES[code], 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const question = message.subarray(12, end);
    return Buffer.concat([header, question, ...records.map((data) => resourceRecord(type, data))]);
  }
}

function readQuestion(message: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString("ascii", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const number = message.readUInt16BE(at + 1);
  const type = Object.entries(TYPE_NUMBERS).find(([, each]) => each === number)?.[0] ?? String(number);
  return { name: labels.join(".").toLowerCase(), type, end: at + 5 };
}

function resourceRecord(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // A pointer to the question's name.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(Object.entries(TYPE_NUMBERS).find(([name]) => name === type)?.[1] ?? 0, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

/** The header and the question alone, marked as cut short. */
function truncated(answer: Buffer): Buffer {
  const { end } = readQuestion(answer);
  const short = Buffer.from(answer.subarray(0, end));
  short.writeUInt16BE(short.readUInt16BE(2) | 0x0200, 2);
  short.writeUInt16BE(0, 6);
  return short;
}

export function nameData(name: string): Buffer {
  const labels = name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export function srvData(port: number, target: string): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(port, 4);
  return Buffer.concat([head, nameData(target)]);
}

export function mxData(target: string): Buffer {
  return Buffer.concat([Buffer.from([0, 10]), nameData(target)]);
}
