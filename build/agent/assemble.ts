import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { musterVersion } from '../../shared/domain/version.ts'
import { bundleProgram } from '../bundle-program.ts'
import { licenseOf } from '../licenses.ts'
import type { NodeProgram } from './get-node.ts'
import type { AgentTarget } from './platforms.ts'
import { machineOf, withoutSymbols } from './program-file.ts'

const FILES = 'build/agent/files'

/** What goes into the folder of a machine. */
export interface AssembleOptions {
  target: AgentTarget
  /** Made anew. */
  folder: string
  /** null: the machine has its own. */
  node: NodeProgram | null
}

/** Puts everything that one machine needs to run the agent into a folder. @throws Error if a native file is for another machine */
export async function assemble({ target, folder, node }: AssembleOptions): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  const library = join(folder, 'lib')
  await bundleProgram('agent', library)
  copyNativePackages(target, join(library, 'node_modules'))
  if (node !== null) copyNode(target, node, folder)
  copyFiles(target, folder)
  writeLicenses(library, node, join(folder, 'licenses'))
  checkMachines(target, folder)
  writeFileSync(join(folder, 'SHA256SUMS'), sums(folder))
}

/** Only what is loaded: the scripts that fetch other builds, sources and the files of other machines stay behind. */
function copyNativePackages(target: AgentTarget, modules: string): void {
  const { platform, architecture } = target
  const copy = (name: string, ...paths: string[]): void => {
    for (const path of paths) {
      cpSync(join('node_modules', name, path), join(modules, name, path), {
        recursive: true,
        filter: (from) => !/\.(map|d\.ts|d\.cts)$/.test(from),
      })
    }
  }
  // None for musl: onnxruntime has no build for it.
  copy('better-sqlite3', 'package.json', 'LICENSE', 'lib', `prebuilds/${platform}-${architecture}.node`)
  copy('onnxruntime-common', 'package.json', 'dist/cjs')
  const binaries = `bin/napi-v6/${platform}/${architecture}`
  copy('onnxruntime-node', 'package.json', 'dist', binaries)
  linkCopies(join(modules, 'onnxruntime-node', binaries))
}

/** The library for macOS comes twice under two names. */
function linkCopies(folder: string): void {
  const seen = new Map<string, string>()
  for (const name of readdirSync(folder).toSorted()) {
    const path = join(folder, name)
    const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
    const first = seen.get(hash)
    if (first === undefined) seen.set(hash, name)
    else {
      rmSync(path)
      symlinkSync(first, path)
    }
  }
}

function copyNode({ platform }: AgentTarget, { file }: NodeProgram, folder: string): void {
  const bytes = readFileSync(file)
  const path = join(folder, 'node', platform === 'win32' ? 'node.exe' : 'node')
  mkdirSync(join(folder, 'node'), { recursive: true })
  writeFileSync(path, platform === 'linux' ? withoutSymbols(bytes) : bytes)
  chmodSync(path, 0o755)
}

/** How the agent becomes a service of each system. */
const services = {
  linux: ['install.sh', 'muster-agent.service', 'Dockerfile'],
  darwin: ['install.sh', 'muster-agent.plist'],
  win32: ['install.ps1'],
} as const

function copyFiles({ platform }: AgentTarget, folder: string): void {
  const launcher = platform === 'win32' ? 'muster-agent.cmd' : 'muster-agent'
  mkdirSync(join(folder, 'bin'), { recursive: true })
  copyFileSync(join(FILES, launcher), join(folder, 'bin', launcher))
  chmodSync(join(folder, 'bin', launcher), 0o755)
  for (const name of [...services[platform], 'README.md']) {
    copyFileSync(join(FILES, name), join(folder, name))
    chmodSync(join(folder, name), name.endsWith('.sh') ? 0o755 : 0o644)
  }
  copyFileSync('LICENSE', join(folder, 'LICENSE'))
  writeFileSync(join(folder, 'VERSION'), `${musterVersion}\n`)
}

function writeLicenses(library: string, node: NodeProgram | null, folder: string): void {
  mkdirSync(folder)
  const bundled = join(library, 'THIRD-PARTY-LICENSES.txt')
  const native = ['better-sqlite3', 'onnxruntime-node', 'onnxruntime-common'].map((name) => licenseOf(join('node_modules', name)))
  writeFileSync(join(folder, 'packages.txt'), [readFileSync(bundled, 'utf8'), ...native].join('\n'))
  rmSync(bundled)
  if (node?.license !== null && node !== null) copyFileSync(node.license, join(folder, 'node.txt'))
}

function checkMachines({ platform, architecture }: AgentTarget, folder: string): void {
  for (const path of filesIn(folder)) {
    const found = machineOf(readFileSync(path))
    if (found !== null && (found.platform !== platform || found.architecture !== architecture))
      throw new Error(`${relative(folder, path)} is for ${found.platform} ${found.architecture}, not for ${platform} ${architecture}`)
  }
}

function sums(folder: string): string {
  return filesIn(folder)
    .map((path) => `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${relative(folder, path).replaceAll('\\', '/')}\n`)
    .join('')
}

/** Files of a folder, sorted; links are left out. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** Bytes of all files of a folder. */
export function sizeOf(folder: string): number {
  return filesIn(folder).reduce((sum, path) => sum + statSync(path).size, 0)
}
