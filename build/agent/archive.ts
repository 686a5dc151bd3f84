import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'

/** A file or link of an archive. */
interface Member {
  /** With `/`, relative to the folder that is packed. */
  path: string
  mode: number
  bytes: Buffer
  /** Where a link points; null: it is a file. */
  link: string | null
}

/** What is in a folder, sorted, so that the same files make the same archive. */
function membersOf(folder: string, within = ''): Member[] {
  return readdirSync(join(folder, within))
    .toSorted()
    .flatMap((name): Member[] => {
      const path = within === '' ? name : `${within}/${name}`
      const stat = lstatSync(join(folder, path))
      if (stat.isDirectory()) return membersOf(folder, path)
      const mode = (stat.mode & 0o111) === 0 ? 0o644 : 0o755
      if (stat.isSymbolicLink()) return [{ path, mode, bytes: Buffer.alloc(0), link: readlinkSync(join(folder, path)) }]
      return [{ path, mode, bytes: readFileSync(join(folder, path)), link: null }]
    })
}

const BLOCK = 512

/** A folder as a gzipped tar archive (POSIX ustar), without owners and times. */
export function tarOf(folder: string): Buffer {
  const parts = membersOf(folder).flatMap((member) => [
    tarHeader(member),
    member.bytes,
    Buffer.alloc((BLOCK - (member.bytes.length % BLOCK)) % BLOCK),
  ])
  // Level 9 takes twice the time for a thousandth less.
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]), { level: 7 })
}

function tarHeader({ path, mode, bytes, link }: Member): Buffer {
  const header = Buffer.alloc(BLOCK)
  const put = (text: string, at: number): void => void header.write(text, at, 'utf8')
  const octal = (value: number, at: number, digits: number): void => put(value.toString(8).padStart(digits, '0'), at)
  // A name has 100 bytes; a longer one is split at a slash.
  const cut = Buffer.byteLength(path) <= 100 ? -1 : path.indexOf('/', path.length - 101)
  put(path.slice(cut + 1), 0)
  put(cut < 0 ? '' : path.slice(0, cut), 345)
  octal(mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(bytes.length, 124, 11)
  octal(0, 136, 11)
  put(link === null ? '0' : '2', 156)
  put(link ?? '', 157)
  put('ustar\u000000', 257)
  header.fill(' ', 148, 156)
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  )
  header[154] = 0
  return header
}

/** Midnight of 1 January 1980, the first moment that a zip archive can name. */
const DOS_DATE = 0x21
const UTF8_NAMES = 0x800
const DEFLATED = 8

/** A folder as a zip archive, without links (Windows gets none). */
export function zipOf(folder: string): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { path, mode, bytes } of membersOf(folder)) {
    const name = Buffer.from(path)
    const packed = deflateRawSync(bytes, { level: 7 })
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(UTF8_NAMES, 2)
    shared.writeUInt16LE(DEFLATED, 4)
    shared.writeUInt16LE(DOS_DATE, 8)
    shared.writeUInt32LE(crc32(bytes), 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(bytes.length, 18)
    shared.writeUInt16LE(name.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(at, 10)
    const made = Buffer.from([20, 3])
    directory.push(Buffer.from('PK\u0001\u0002'), made, shared, tail, name)
    parts.push(Buffer.from('PK\u0003\u0004'), shared, name, packed)
    at += 30 + name.length + packed.length
  }
  const files = directory.length / 5
  const table = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 0, 'latin1')
  end.writeUInt16LE(files, 8)
  end.writeUInt16LE(files, 10)
  end.writeUInt32LE(table.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, table, end])
}
