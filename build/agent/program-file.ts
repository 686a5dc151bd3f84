import type { AgentArchitecture, AgentPlatform, AgentTarget } from './platforms.ts'

const ELF_MACHINES: Record<number, AgentArchitecture> = { 0x3e: 'x64', 0xb7: 'arm64' }
const PE_MACHINES: Record<number, AgentArchitecture> = { 0x8664: 'x64', 0xaa64: 'arm64' }
const MACH_MACHINES: Record<number, AgentArchitecture> = { 0x0100_0007: 'x64', 0x0100_000c: 'arm64' }

/** The machine that a program or library is for, by its first bytes; null if it is neither ELF, PE nor Mach-O of one we know. */
export function machineOf(bytes: Buffer): AgentTarget | null {
  if (bytes.length < 64) return null
  if (bytes.readUInt32BE(0) === 0x7f45_4c46) return target('linux', ELF_MACHINES[bytes.readUInt16LE(18)])
  if (bytes.readUInt32LE(0) === 0xfeed_facf) return target('darwin', MACH_MACHINES[bytes.readUInt32LE(4)])
  if (bytes.readUInt16BE(0) !== 0x4d5a) return null
  const header = bytes.readUInt32LE(60)
  return header + 6 > bytes.length ? null : target('win32', PE_MACHINES[bytes.readUInt16LE(header + 4)])
}

function target(platform: AgentPlatform, architecture: AgentArchitecture | undefined): AgentTarget | null {
  return architecture === undefined ? null : { platform, architecture }
}

const LOADED = 1

/**
 * A 64-bit ELF file without what the system never loads: symbols for debuggers and the table of sections. Of the 122 MB of Node it is 18.
 * The loader reads the program headers alone, so the same bytes run. Works for the machine of another processor too.
 */
export function withoutSymbols(bytes: Buffer): Buffer {
  if (bytes.readUInt32BE(0) !== 0x7f45_4c46 || bytes[4] !== 2) throw new Error('no 64-bit ELF file')
  const table = Number(bytes.readBigUInt64LE(32))
  const size = bytes.readUInt16LE(54)
  let end = 0
  for (let index = 0; index < bytes.readUInt16LE(56); index += 1) {
    const at = table + index * size
    if (bytes.readUInt32LE(at) !== LOADED) continue
    end = Math.max(end, Number(bytes.readBigUInt64LE(at + 8)) + Number(bytes.readBigUInt64LE(at + 32)))
  }
  const short = Buffer.from(bytes.subarray(0, end))
  // Offset, number and names of the sections.
  short.writeBigUInt64LE(0n, 40)
  short.writeUInt16LE(0, 60)
  short.writeUInt16LE(0, 62)
  return short
}
