import { createPackage, listPackage } from '@electron/asar'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packagesIn } from '../../build/licenses.ts'
import { runProgram, until } from '../../build/demo/child.ts'
import { fuses } from '../../build/package/package-config.ts'
import { buildParts } from '../../build/start/fresh-build.ts'
import { makeParts } from '../../build/start/make-parts.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { startCoreWorker } from '../harness/core-worker.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

// What Electron's own release would bring is stood in for by a folder of the same shape whose binary is Node; everything else is real.
// Made on Linux x64 only; elsewhere the tests say that they are skipped.
const LINUX = process.platform === 'linux' && process.arch === 'x64'
/** More than this without Electron and Node means that something came along that does not run. */
const BUDGET_MB = { asar: 8, unpacked: 64 } as const

/** What the states of the fuses stand behind in Electron's binary. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

let root: string
let resources: string

beforeAll(async () => {
  if (!LINUX) return
  makeParts(Object.values(buildParts), (text) => process.stdout.write(`${text}\n`))
  root = mkdtempSync(join(tmpdir(), 'muster-package-'))
  const electronDist = await electronStandIn(join(root, 'electron'))
  await runProgram('build/package/package.ts', ['--electron-dist', electronDist, '--out', join(root, 'out')])
  resources = join(root, 'out/linux-unpacked/resources')
}, 240_000)

afterAll(() => {
  if (LINUX) rmSync(root, { recursive: true, force: true })
})

/** A folder like Electron's zip, with a valid `default_app.asar`. */
async function electronStandIn(directory: string): Promise<string> {
  mkdirSync(join(directory, 'resources'), { recursive: true })
  copyFileSync('node_modules/node/bin/node', join(directory, 'electron'))
  chmodSync(join(directory, 'electron'), 0o755)
  // The wire of fuses as it lies in Electron's binary: a mark, the version, how many there are, and the state of each.
  const wire = Object.values(FuseV1Options).filter((option) => typeof option === 'number')
  const states = wire.map((option) => (option === FuseV1Options.RunAsNode ? FuseState.ENABLE : FuseState.DISABLE))
  appendFileSync(join(directory, 'electron'), Buffer.concat([Buffer.from(FUSE_MARK), Buffer.from([1, wire.length, ...states])]))
  writeFileSync(join(directory, 'version'), '45.4.1')
  const application = join(directory, '..', 'default-app')
  mkdirSync(application)
  writeFileSync(join(application, 'package.json'), JSON.stringify({ name: 'electron', main: 'main.js' }))
  writeFileSync(join(application, 'main.js'), '')
  await createPackage(application, join(directory, 'resources/default_app.asar'))
  return directory
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
}

const megabytes = (directory: string): number =>
  filesBelow(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0) / 1e6

test.skipIf(!LINUX)('the package holds what runs, for this system only, and nothing else', () => {
  const listed = listPackage(join(resources, 'app.asar'), { isPack: false }).map((path) => path.slice(1))
  expect(listed).toEqual(
    expect.arrayContaining([
      'package.json',
      'LICENSE',
      'dist/main/main.mjs',
      'dist/main/preload.cjs',
      'dist/main/icons/tray.png',
      'dist/renderer/index.html',
    ]),
  )
  const folders = new Set(listed.map((path) => path.split('/').slice(0, 2).join('/')).filter((path) => path.includes('/')))
  expect([...folders].sort()).toEqual([
    'dist/agent',
    'dist/console',
    'dist/main',
    'dist/renderer',
    'node_modules/better-sqlite3',
    'node_modules/onnxruntime-common',
    'node_modules/onnxruntime-node',
  ])
  expect(listed.filter((path) => /\.(ts|tsx|map|test\.\w+|tsbuildinfo|md|c|cc|gyp)$/.test(path))).toEqual([])
  expect(listed.filter((path) => /\.(node|so|so\.\d+|dll|dylib)$/.test(path))).toEqual([
    'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1',
    'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node',
  ])
})

test.skipIf(!LINUX)('the fuses of the binary are flipped as the configuration says', async () => {
  const wire = await getCurrentFuseWire(join(root, 'out/linux-unpacked/muster'))
  const state = (name: string): unknown => {
    const option = Object.keys(FuseV1Options).find((known) => known.toLowerCase() === name.toLowerCase())!
    return wire[FuseV1Options[option as keyof typeof FuseV1Options]] === FuseState.ENABLE
  }
  expect(Object.fromEntries(Object.keys(fuses).map((name) => [name, state(name)]))).toEqual(fuses)
})

test.skipIf(!LINUX)('the bill of materials and the licences name every package of the bundles, and no tool that only builds', () => {
  interface Bill {
    components: { name: string; version: string; purl: string; hashes?: { alg: string }[] }[]
  }
  const { components } = JSON.parse(readFileSync(join(resources, 'sbom.cdx.json'), 'utf8')) as Bill
  const licenses = packagesIn(readFileSync(join(resources, 'THIRD-PARTY-LICENSES.txt'), 'utf8'))
  const names = components.map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['zod', 'mqtt', 'react', '@mantine/core', 'better-sqlite3', 'onnxruntime-node', 'electron', 'node']),
  )
  expect(names.filter((name) => /vitest|typescript|electron-builder|oxlint|playwright|rolldown$/.test(name))).toEqual([])
  const packages = components.filter(({ purl }) => purl.startsWith('pkg:npm/'))
  expect(packages.map(({ name, version }) => `${name}@${version}`).filter((name) => !licenses.has(name))).toEqual([])
  expect(packages.filter(({ hashes }) => hashes?.[0]?.alg !== 'SHA-512')).toEqual([])
  process.stdout.write(`package: ${components.length} components in the bill of materials, ${licenses.size} licences\n`)
})

test.skipIf(!LINUX)('what Node must read is unpacked; the page and the main process are in the asar alone', () => {
  const unpacked = filesBelow(join(resources, 'app.asar.unpacked'))
  expect(unpacked).toEqual(
    expect.arrayContaining([
      'dist/console/desktop-core.mjs',
      'dist/console/muster.mjs',
      'dist/console/hub.mjs',
      'dist/console/evaluate-child.mjs',
      'dist/console/backup-worker.mjs',
      'dist/agent/muster-agent.mjs',
      'dist/agent/runtime.mjs',
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    ]),
  )
  expect(unpacked.filter((path) => path.startsWith('dist/main') || path.startsWith('dist/renderer'))).toEqual([])
  expect(statSync(join(resources, 'node/node')).mode & 0o111).not.toBe(0)
  const sizes = { asar: statSync(join(resources, 'app.asar')).size / 1e6, unpacked: megabytes(join(resources, 'app.asar.unpacked')) }
  process.stdout.write(
    `package: asar ${sizes.asar.toFixed(1)} MB, unpacked ${sizes.unpacked.toFixed(1)} MB, Node ${megabytes(join(resources, 'node')).toFixed(0)} MB\n`,
  )
  expect(sizes.asar).toBeLessThan(BUDGET_MB.asar)
  expect(sizes.unpacked).toBeLessThan(BUDGET_MB.unpacked)
})

test.skipIf(!LINUX)(
  'the packaged core runs from its folder: hub and evaluator with the packaged Node, native modules of the package',
  async () => {
    const node = resolve(resources, 'node/node')
    const core = startCoreWorker(resolve(resources, 'app.asar.unpacked/dist/console/desktop-core.mjs'), { MUSTER_NODE: node })
    core.tell({
      type: 'start',
      argv: ['--data', temporaryDirectory(), '--port', '0', '--mqtt-port', '0', '--log-level', 'error'],
      secretKey: null,
    })
    await until('the core to say something', 30, () => core.said.length > 0)
    expect(core.said[0]).toMatchObject({ type: 'ready' })
    const ready = core.said[0] as { url: string; uploadKey: string }
    const rpc = core.connect()
    const { hub } = await rpc.call('system.status', {})
    expect(readlinkSync(`/proc/${hub.pid}/exe`)).toBe(node)

    const upload = (file: string): Promise<string> =>
      uploadFile(rpc, { url: ready.url, token: ready.uploadKey }, join('build/samples/wine', file))
    const files = { model: await upload('wine-1.0.0.onnx'), train: await upload('train.csv'), holdout: await upload('holdout.csv') }
    const { job } = await rpc.call('models.import', { files })
    expect(await awaitJob(rpc, job, 'import')).toMatchObject({ evaluation: { metrics: { accuracy: expect.closeTo(0.97, 1) } } })
    core.tell({ type: 'stop' })
    expect(await core.ended).toBe(0)
  },
)
