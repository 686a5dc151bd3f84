import { existsSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '../../shared/domain/problem.ts'
import { Arch, build, Platform } from 'electron-builder'
import { makeDeb } from './deb.ts'
import { writeDebFeed } from './deb-feed.ts'
import { writePapers } from './papers.ts'
import { architectures, packageConfig, platforms, type PackageArchitecture, type PackagePlatform } from './package-config.ts'

// `npm run package`: the built files as an application. Without flags: a folder for this machine.
const { values } = parseArgs({
  options: {
    platform: { type: 'string', default: platformOfMachine() },
    arch: { type: 'string', default: arch() },
    // `dir` and `deb` work without a network; AppImage, nsis and dmg fetch their tools.
    target: { type: 'string', multiple: true, default: ['dir'] },
    out: { type: 'string', default: 'dist/package' },
    node: { type: 'string' },
    'electron-dist': { type: 'string' },
    // Address of the folder where releases will lie: the feeds of updates name it.
    'update-url': { type: 'string' },
    'without-fuses': { type: 'boolean', default: false },
    // A release: it is an error if the system's signature cannot be made.
    signed: { type: 'boolean', default: false },
  },
})

const target = {
  platform: oneOf(platforms, values.platform, '--platform'),
  architecture: oneOf(architectures, values.arch, '--arch'),
  output: values.out,
  nodeBinary: values.node ?? nodeOfMachine(),
  papers: join(values.out, 'papers'),
  ...(values['electron-dist'] === undefined ? {} : { electronDist: values['electron-dist'] }),
  ...(values['update-url'] === undefined ? {} : { updateUrl: values['update-url'] }),
  mustBeSigned: values.signed,
}
// Our own .deb is made of the folder.
const wantsDeb = values.target.includes('deb')
if (wantsDeb && target.platform !== 'linux') fail('--target deb is for --platform linux.')
if (values.signed && target.platform === 'linux') fail('--signed is for win and mac: packages of Linux are signed where they are offered.')
const wanted = [...new Set(values.target.map((name) => (name === 'deb' ? 'dir' : name)))]
for (const needed of [
  'dist/main/main.mjs',
  'dist/main/preload.cjs',
  'dist/renderer/index.html',
  'dist/console/muster.mjs',
  'dist/agent/muster-agent.mjs',
]) {
  if (!existsSync(needed)) fail(`${needed} is missing. Run: npm run build`)
}

try {
  const { packages } = writePapers(target.papers, { isDesktop: true })
  process.stdout.write(`${target.papers}  ${packages} packages\n`)
  const made = await packed()
  if (wantsDeb) {
    const deb = makeDeb({ ...target, application: unpackedFolder(), icons: 'dist/main/icons/linux' })
    const feed = target.updateUrl === undefined ? null : writeDebFeed(deb, target.architecture)
    made.push(deb, ...(feed === null ? [] : [feed]))
  }
  process.stdout.write(`${[...made, ...(made.length === 0 ? [target.output] : [])].join('\n')}\n`)
} catch (error) {
  fail(messageOf(error))
}

function packed(): Promise<string[]> {
  const kinds: Record<PackagePlatform, Platform> = { linux: Platform.LINUX, win: Platform.WINDOWS, mac: Platform.MAC }
  return build({
    targets: kinds[target.platform].createTarget(wanted, target.architecture === 'arm64' ? Arch.arm64 : Arch.x64),
    config: packageConfig(target, { withFuses: !values['without-fuses'] }),
    publish: 'never',
  })
}

/** Where electron-builder leaves the folder of a Linux target. */
function unpackedFolder(): string {
  return join(target.output, target.architecture === 'x64' ? 'linux-unpacked' : `linux-${target.architecture}-unpacked`)
}

function oneOf<Name extends string>(known: readonly Name[], given: string, flag: string): Name {
  return known.find((name) => name === given) ?? fail(`${flag}: '${given}' is none of ${known.join(', ')}.`)
}

function platformOfMachine(): PackagePlatform {
  return platform() === 'win32' ? 'win' : platform() === 'darwin' ? 'mac' : 'linux'
}

/** The Node that npm installed for this machine. A package for another one needs its own. */
function nodeOfMachine(): string {
  const isSame = values.platform === platformOfMachine() && values.arch === (arch() as PackageArchitecture)
  if (!isSame) fail(`A package for ${values.platform} ${values.arch} needs the Node of that system: --node FILE`)
  return `node_modules/node/bin/node${platform() === 'win32' ? '.exe' : ''}`
}

function fail(reason: string): never {
  process.stderr.write(`package: ${reason}\n`)
  process.exit(2)
}
