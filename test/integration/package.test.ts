import { listPackage } from '@electron/asar'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { packagesIn } from '../../build/licenses.ts'
import { runProgram, until } from '../../build/demo/child.ts'
import { fuses } from '../../build/package/package-config.ts'
import { buildParts } from '../../build/start/fresh-build.ts'
import { makeParts } from '../../build/start/make-parts.ts'
import { awaitJob } from '../../electron/core/cli/jobs.ts'
import { uploadFile } from '../../electron/core/cli/upload.ts'
import { startCoreWorker } from '../harness/core-worker.ts'
import { electronStandIn } from '../harness/electron-stand-in.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { startPackedConsole } from '../harness/packed-console.ts'
import { hasPostgres, startPostgres } from '../harness/postgres.ts'

// What Electron's own release would bring is stood in for by a folder of the same shape whose binary is Node; everything else is real.
// Made on Linux x64 only; elsewhere the tests say that they are skipped.
const LINUX = process.platform === 'linux' && process.arch === 'x64'
/** More than this without Electron and Node means that something came along that does not run. */
const BUDGET_MB = { asar: 1, unpacked: 72 } as const

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

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
}

const megabytes = (directory: string): number =>
  filesBelow(directory).reduce((sum, file) => sum + statSync(join(directory, file)).size, 0) / 1e6

test.skipIf(!LINUX)('the package holds what runs, for this system only, and nothing else', () => {
  expect(
    filesBelow(join(root, 'out/linux-unpacked'))
      .filter((path) => !path.startsWith('resources/app.asar.unpacked/'))
      .sort(),
  ).toEqual([
    'locales/en-US.pak',
    'muster',
    'resources/THIRD-PARTY-LICENSES.txt',
    'resources/app.asar',
    'resources/bin/muster',
    'resources/node/node',
    'resources/sbom.cdx.json',
    // Electron's own, of a release that is given as a folder.
    'version',
  ])
  const listed = listPackage(join(resources, 'app.asar'), { isPack: false }).map((path) => path.slice(1))
  const ofFolder = (path: string): string => path.split('/').slice(0, 2).join('/')
  expect([...new Set(listed.map(ofFolder).filter((path) => path.includes('/')))].sort()).toEqual([
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

test.skipIf(!LINUX)('what Node must read is unpacked; the main process is in the asar alone', () => {
  const unpacked = filesBelow(join(resources, 'app.asar.unpacked'))
  expect(unpacked).toEqual(
    expect.arrayContaining([
      'dist/console/desktop-core.mjs',
      'dist/console/muster.mjs',
      'dist/console/hub.mjs',
      'dist/console/evaluate-child.mjs',
      'dist/console/backup-worker.mjs',
      'dist/console/report-writer.mjs',
      'dist/console/fonts/OFL.txt',
      'dist/console/fonts/Roboto-Regular.ttf',
      'dist/console/samples/wine/wine-1.0.0.onnx',
      'dist/agent/muster-agent.mjs',
      'dist/agent/runtime.mjs',
      'dist/renderer/index.html',
      'node_modules/better-sqlite3/prebuilds/linux-x64.node',
    ]),
  )
  const archived = listPackage(join(resources, 'app.asar'), { isPack: false }).map((path) => path.slice(1))
  const within = new Set(unpacked)
  const isFile = (path: string): boolean => /\.\w+$/.test(path) || path === 'LICENSE'
  // Nothing is there twice: what is unpacked has only its name in the archive.
  expect(archived.filter((path) => isFile(path) && !within.has(path)).sort()).toEqual([
    'LICENSE',
    'dist/main/icons/tray.png',
    'dist/main/icons/tray@2x.png',
    'dist/main/icons/trayTemplate.png',
    'dist/main/icons/trayTemplate@2x.png',
    'dist/main/main.mjs',
    'dist/main/preload.cjs',
    'package.json',
  ])
  expect(statSync(join(resources, 'node/node')).mode & 0o111).not.toBe(0)
  const sizes = { asar: statSync(join(resources, 'app.asar')).size / 1e6, unpacked: megabytes(join(resources, 'app.asar.unpacked')) }
  for (const [folder, files] of Map.groupBy(unpacked, (path) => path.split('/').slice(0, 2).join('/'))) {
    const bytes = files.reduce((sum, path) => sum + statSync(join(resources, 'app.asar.unpacked', path)).size, 0)
    process.stdout.write(
      `package:   ${folder.padEnd(34)} ${String(files.length).padStart(4)} files ${(bytes / 1e6).toFixed(2).padStart(6)} MB\n`,
    )
  }
  process.stdout.write(
    `package: asar ${sizes.asar.toFixed(1)} MB, unpacked ${sizes.unpacked.toFixed(1)} MB in ${unpacked.length} files, Node ${megabytes(join(resources, 'node')).toFixed(0)} MB\n`,
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

test.skipIf(!LINUX)(
  'the packed command line is a whole console: page and help, PDF, workbook, Parquet, PostgreSQL',
  { timeout: 300_000 },
  async () => {
    const directory = temporaryDirectory()
    const packed = await startPackedConsole(resolve(resources), join(directory, 'data'))
    const page = await fetch(`${packed.url}/help`, { headers: { accept: 'text/html' } })
    expect([page.status, await page.text()]).toEqual([200, expect.stringMatching(/muster-commands" content="path"[^]*<script/)])
    const assets = readdirSync(join(resources, 'app.asar.unpacked/dist/renderer/assets'))
    for (const [pattern, type] of [
      [/^help-.*\.js$/, 'text/javascript'],
      [/^overview-dark-.*\.png$/, 'image/png'],
    ] as const) {
      const answer = await fetch(`${packed.url}/assets/${assets.find((name) => pattern.test(name))!}`)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining(type)])
    }

    const made = packed.muster(['report', 'create', 'fleet', '--since', '1d', '--format', 'pdf,xlsx,parquet'])
    expect([made.exit, made.err]).toEqual([0, ''])
    const begins = { pdf: '%PDF-', xlsx: 'PK', parquet: 'PAR1' }
    for (const format of ['pdf', 'xlsx', 'parquet'] as const) {
      const file = join(directory, `report.${format}`)
      expect(packed.muster(['report', 'open', '1', '--format', format, '--output', file])).toMatchObject({ exit: 0 })
      expect([format, readFileSync(file, 'latin1').slice(0, begins[format].length)]).toEqual([format, begins[format]])
    }
    // Its fonts are within: a reader of the PDF needs none.
    expect(readFileSync(join(directory, 'report.pdf'), 'latin1')).toMatch(/\/FontName \/[A-Z]+\+Roboto-Regular/)

    const server = hasPostgres ? await startPostgres() : null
    onTestFinished(() => server?.remove())
    const place = ['--host', '127.0.0.1', '--port', String(server?.port ?? 1), '--database', 'postgres', '--user', 'muster', '--tls', 'off']
    const secret = { POSTGRES_PASSWORD: server?.place.password ?? 'none' }
    const flags = ['--name', 'Warehouse', ...place, '--password-env', 'POSTGRES_PASSWORD']
    expect(packed.muster(['forward', 'add', 'postgres', ...flags], secret)).toMatchObject({ exit: 0 })
    const tried = packed.muster(['forward', 'test', 'warehouse'])
    if (server === null) expect(tried).toMatchObject({ exit: 6, out: expect.stringContaining('forward.unreachable') as string })
    else expect(tried).toMatchObject({ exit: 0 })
    process.stdout.write(
      `package: the console answered after ${packed.startMs.toFixed(0)} ms, ${packed.residentMb().toFixed(0)} MB resident\n`,
    )
    expect(await packed.stop()).toEqual([0, null])
  },
)
