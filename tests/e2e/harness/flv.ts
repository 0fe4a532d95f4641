import { readFile, writeFile } from "node:fs/promises";

/// A tag of an FLV file (Adobe FLV v10.1, annex E.4).
interface Tag {
  type: number;
  ms: number;
  body: Buffer;
}

const kFileHeader = 9;
const kTagHeader = 11;
const kTagSize = 4; // behind each tag, and behind the file header

const kAudio = 8;
const kAacFrame = 1; // AACPacketType: not the sequence header
const kLongestSound = 24; // ms, of a frame of AAC from 44.1 kHz up, rounded up

/// Writes a file of AAC behind another one whose pictures last for `ms`, with the sequence headers of both and rising
/// stamps, as a publisher sends whose encoder begins anew with other parameters. What sound of the first would last
/// into that of the second is left out.
export async function joinFlv(first: string, ms: number, second: string, to: string): Promise<void> {
  const [before, behind] = [await readFile(first), await readFile(second)];
  const shifted = [...tagsOf(behind)].map((tag) => ({ ...tag, ms: ms + tag.ms }));
  const sound = shifted.find((tag) => tag.type === kAudio && tag.body[1] === kAacFrame)?.ms ?? ms;
  const whole = [...tagsOf(before)].filter((tag) => tag.type !== kAudio || tag.ms + kLongestSound <= sound);
  const header = before.subarray(0, kFileHeader + kTagSize);
  await writeFile(to, Buffer.concat([header, ...[...whole, ...shifted].flatMap(write)]));
}

function* tagsOf(file: Buffer): Generator<Tag> {
  for (let at = kFileHeader + kTagSize; at + kTagHeader <= file.length; ) {
    const size = file.readUIntBE(at + 1, 3);
    const ms = file.readUIntBE(at + 4, 3) + file.readUInt8(at + 7) * 2 ** 24;
    const body = file.subarray(at + kTagHeader, at + kTagHeader + size);
    yield { type: file.readUInt8(at), ms, body };
    at += kTagHeader + size + kTagSize;
  }
}

function write({ type, ms, body }: Tag): Buffer[] {
  const header = Buffer.alloc(kTagHeader);
  header.writeUInt8(type, 0);
  header.writeUIntBE(body.length, 1, 3);
  header.writeUIntBE(ms % 2 ** 24, 4, 3);
  header.writeUInt8(Math.floor(ms / 2 ** 24), 7);
  const size = Buffer.alloc(kTagSize);
  size.writeUInt32BE(kTagHeader + body.length);
  return [header, body, size];
}
