import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../shared/domain/problem.ts'
import { benchDistributions } from './distributions.ts'
import { benchFootprint } from './footprint.ts'
import { benchInProcess, type InProcess } from './in-process.ts'
import { benchOverHttp } from './over-http.ts'
import { judgeStore } from './store-verdicts.ts'
import { benchStore } from './store.ts'
import { judge, type Measured } from './targets.ts'

// `npm run bench`: what inference through the agent costs beyond bare onnxruntime, and what the store of telemetry does with very many windows
// (MUSTER_BENCH_WINDOWS, a million unless said otherwise), in the same run on the same machine.

const root = join(import.meta.dirname, '../..')
const IN_PROCESS_SECONDS = 4
const HTTP_SECONDS = 4
const WINDOWS = Number(process.env['MUSTER_BENCH_WINDOWS'] ?? 1_000_000)

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function arm64Bytes(): number | null {
  const folder = join(root, 'dist')
  const name = existsSync(folder) ? readdirSync(folder).find((entry) => /linux-arm64\.tar\.(gz|zst|xz)$/.test(entry)) : undefined
  return name === undefined ? null : statSync(join(folder, name)).size
}

say('measuring in process …')
const inProcess: InProcess[] = []
for (const rows of [1, 16, 32]) inProcess.push(await benchInProcess(rows, IN_PROCESS_SECONDS))
const distributions = await benchDistributions()
say('measuring over HTTP …')
const sizes = [1, 16, 32, 192].flatMap((rows) => (['json', 'binary'] as const).map((form) => ({ form, rows })))
const bare = [1, 16, 192].map((rows) => ({ form: 'bare' as const, rows }))
const overHttp = await benchOverHttp([...sizes, ...bare], HTTP_SECONDS)
say('measuring memory and start …')
const footprint = await benchFootprint().catch((error: unknown) => {
  say(`memory and start could not be measured: ${messageOf(error).slice(0, 500)}`)
  return null
})
say('measuring the store …')
const store = benchStore(WINDOWS, join(root, '.cache/bench'), say)
const measured: Measured = { inProcess, distributions, overHttp, footprint, arm64Bytes: arm64Bytes() }
const verdicts = [...judge(measured), ...judgeStore(store)]
const width = Math.max(...verdicts.map(({ what }) => what.length))
const targetWidth = Math.max(...verdicts.map(({ target }) => target.length))
say('')
for (const { what, target, figure, isMet } of verdicts) {
  const word = isMet === null ? '' : isMet ? 'met' : 'NOT MET'
  say(`${what.padEnd(width)}  ${target.padEnd(targetWidth)}  ${word.padEnd(7)}  ${figure}`)
}
const out = join(root, 'dist/bench')
mkdirSync(out, { recursive: true })
const machine = {
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
}
writeFileSync(
  join(out, 'inference.json'),
  `${JSON.stringify({ at: new Date().toISOString(), machine, measured, store, verdicts }, null, 2)}\n`,
)
say(`\nwritten to ${join('dist', 'bench', 'inference.json')}`)
process.exit(0)
