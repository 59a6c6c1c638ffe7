import type { INewEntry } from './new-entry';

/** Tar archives consist of blocks of this size. */
export const BLOCK = 512;

/** Two blocks of zeros end a tar archive. */
export const END_OF_ARCHIVE = 2 * BLOCK;

const OCTAL_LIMIT = 8 ** 11;
const NAME_LIMIT = 100;
const TYPES = { file: '0', directory: '5', link: '2' };

const encoder = new TextEncoder();

/** What a header says, in the form in which it says it. */
interface IFields {
  name: string;
  mode: number;
  size: number;
  mtime: number;
  type: string;
  target: string;
}

/** How many zero bytes follow so many bytes of data. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Size of what stands before an entry's data. */
export function headerSize(entry: INewEntry): number {
  if (isPlain(entry)) return BLOCK;
  const size = paxRecords(fieldsOf(entry)).length;
  return 2 * BLOCK + size + padding(size);
}

/** Whether an entry has a header of one block, without a pax header. */
export function isPlain(entry: INewEntry): boolean {
  const { kind, path, mtime } = entry;
  // A name has no leading slash, but that of a directory a trailing one.
  if (path.length + (kind === 'directory' ? 0 : -1) > NAME_LIMIT) return false;
  if (!isPrintable(path) || mtime >= OCTAL_LIMIT) return false;
  if (kind === 'link') return fits(entry.target);
  if (kind !== 'file') return true;
  return entry.target ? fits(entry.target.slice(1)) : (entry.size ?? 0) < OCTAL_LIMIT;
}

/** Write the header of such an entry into zeroed bytes. */
export function writePlainHeader(
  entry: INewEntry,
  bytes: Uint8Array,
  offset: number
): void {
  writeUstar(fieldsOf(entry), bytes, offset);
}

/**
 * What stands before an entry's data: a ustar header, after a pax header where one is needed
 * (sections 2.2 and 2.3 of the format). A file with a target is a hard link and has no data.
 */
export function header(entry: INewEntry): Uint8Array {
  const fields = fieldsOf(entry);
  const records = paxRecords(fields);
  if (records.length === 0) return ustar(fields);
  const bytes = new Uint8Array(2 * BLOCK + records.length + padding(records.length));
  const pax = { name: 'PaxHeader', mode: 0o644, mtime: 0, type: 'x', target: '' };
  writeUstar({ ...pax, size: records.length }, bytes, 0);
  bytes.set(records, BLOCK);
  const plain = {
    ...fields,
    name: standIn(fields.name),
    target: standIn(fields.target),
    size: fields.size < OCTAL_LIMIT ? fields.size : 0,
    mtime: fields.mtime < OCTAL_LIMIT ? fields.mtime : 0
  };
  writeUstar(plain, bytes, bytes.length - BLOCK);
  return bytes;
}

/** The header of the index, whose data have so many bytes. */
export function indexHeader(size: number): Uint8Array {
  return ustar({
    name: '.vfs-index.json',
    mode: 0o644,
    size,
    mtime: 0,
    type: '0',
    target: ''
  });
}

function fieldsOf(entry: INewEntry): IFields {
  const { kind, mode, mtime } = entry;
  const name = entry.path.slice(1) + (kind === 'directory' ? '/' : '');
  const fields = { name, mode, size: 0, mtime, type: TYPES[kind], target: '' };
  if (kind === 'link') {
    fields.target = entry.target;
  } else if (kind === 'file' && entry.target) {
    fields.type = '1';
    fields.target = entry.target.slice(1);
  } else if (kind === 'file') {
    fields.size = entry.size ?? 0;
  }
  return fields;
}

/** The records for which the fields of a header have no room, in their order. */
function paxRecords({ name, size, mtime, target }: IFields): Uint8Array {
  let records: Uint8Array = EMPTY;
  const add = (key: string, value: string) => {
    records = joined(records, paxRecord(key, value));
  };
  if (!fits(target)) add('linkpath', target);
  if (mtime >= OCTAL_LIMIT) add('mtime', String(mtime));
  if (!fits(name)) add('path', name);
  if (size >= OCTAL_LIMIT) add('size', String(size));
  return records;
}

/** One `LENGTH KEY=VALUE\n`, whose length counts its own digits. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`);
  let length = rest.length;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return joined(encoder.encode(String(length)), rest);
}

/** Whether a header has room for a name: as many bytes as characters, all of them printable. */
function fits(name: string): boolean {
  return name.length <= NAME_LIMIT && isPrintable(name);
}

/** Whether all characters are printable ASCII: a loop, as a regular expression takes several times as long. */
function isPrintable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** A name in ASCII, for readers that do not know pax; others never see it. */
function standIn(name: string): string {
  if (fits(name)) return name;
  const bytes = encoder.encode(name).subarray(0, NAME_LIMIT);
  return String.fromCharCode(...bytes).replace(/[^\x20-\x7e]/g, '_');
}

function ustar(fields: IFields): Uint8Array {
  const block = new Uint8Array(BLOCK);
  writeUstar(fields, block, 0);
  return block;
}

/** Write a header into zeroed bytes; thousands are, so it is done digit by digit. */
function writeUstar(
  { name, mode, size, mtime, type, target }: IFields,
  bytes: Uint8Array,
  offset: number
): void {
  // The checksum is the sum of all bytes, with itself taken as eight spaces.
  let sum = 8 * 0x20;
  const text = (value: string, at: number) => {
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      bytes[offset + at + i] = code;
      sum += code;
    }
  };
  const octal = (value: number, digits: number, at: number) => {
    let left = value;
    for (let i = offset + at + digits - 1; i >= offset + at; i--) {
      const rest = Math.floor(left / 8);
      const code = 0x30 + left - 8 * rest;
      bytes[i] = code;
      sum += code;
      left = rest;
    }
  };
  text(name, 0);
  octal(mode, 7, 100);
  octal(0, 7, 108);
  octal(0, 7, 116);
  octal(size, 11, 124);
  octal(mtime, 11, 136);
  text(type, 156);
  text(target, 157);
  text('ustar\x0000', 257);
  octal(0, 7, 329);
  octal(0, 7, 337);
  octal(sum, 6, 148);
  bytes[offset + 155] = 0x20;
}

const EMPTY = new Uint8Array(0);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
