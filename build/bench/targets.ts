import type { DistributionCost } from './distributions.ts'
import type { Footprint } from './footprint.ts'
import type { InProcess } from './in-process.ts'
import type { OverHttp } from './over-http.ts'

/** Everything that one run measured. */
export interface Measured {
  inProcess: InProcess[]
  distributions: DistributionCost[]
  overHttp: OverHttp[]
  /** null where it could not be measured. */
  footprint: Footprint | null
  /** Bytes of the archive of the agent for linux-arm64; null: `npm run agent:bundle` has not been run. */
  arm64Bytes: number | null
}

/** A figure beside what it should be. */
export interface Verdict {
  what: string
  target: string
  figure: string
  /** null: there is no target, or nothing was measured. */
  isMet: boolean | null
}

const MiB = 1024 * 1024
const fixed = (value: number, digits = 1): string => value.toFixed(digits)

/** Holds the figures against the targets. Times are of this machine, at this moment: the targets are differences and ratios. */
export function judge({ inProcess, distributions, overHttp, footprint, arm64Bytes }: Measured): Verdict[] {
  const verdicts: Verdict[] = []
  for (const { rows, bareP50, agentP50, bareP99, agentP99, telemetryNs } of inProcess) {
    const isSmall = rows === 1
    verdicts.push({
      what: `in process, ${rows} row${isSmall ? '' : 's'}: median beyond bare onnxruntime`,
      target: isSmall ? 'at most +5 us' : '-',
      figure: `+${fixed(agentP50 - bareP50)} us (${fixed(bareP50)} -> ${fixed(agentP50)}, ${fixed(agentP50 / bareP50, 2)}x; p99 ${fixed(bareP99)} -> ${fixed(agentP99)})`,
      isMet: isSmall ? agentP50 - bareP50 <= 5 : null,
    })
    if (isSmall) verdicts.push({ what: 'counting one inference', target: '-', figure: `${fixed(telemetryNs, 0)} ns`, isMet: null })
  }
  verdicts.push(...distributions.flatMap(distributionVerdicts))
  return [...verdicts, ...httpVerdicts(overHttp, inProcess), ...footprintVerdicts(footprint), bundleVerdict(arm64Bytes)]
}

function distributionVerdicts({ model, features, sampleNs, samplingNs, bareNs, bytes, memoryBytes }: DistributionCost): Verdict[] {
  const what = `counting values, ${features} features (${model})`
  const figures: [string, string][] = [
    [
      'per row',
      `${fixed(sampleNs, 0)} ns, ${fixed(sampleNs / features)} ns per feature, ${fixed((100 * sampleNs) / bareNs)} % of a bare run (${fixed(bareNs / 1000)} us); with outlier samples ${fixed(samplingNs, 0)} ns`,
    ],
    ['window on the wire', bytes.map((one) => `${fixed(one.bytes / 1024)} KiB of ${one.rows} rows`).join(', ')],
    ['memory per deployment', `${fixed(memoryBytes / 1024)} KiB`],
  ]
  return figures.map(([part, figure]) => ({ what: `${what}: ${part}`, target: '-', figure, isMet: null }))
}

function httpVerdicts(overHttp: readonly OverHttp[], inProcess: readonly InProcess[]): Verdict[] {
  const of = (form: OverHttp['form'], rows: number): OverHttp | undefined => overHttp.find((one) => one.form === form && one.rows === rows)
  const verdicts = overHttp.map((one): Verdict => {
    const bare = inProcess.find(({ rows }) => rows === one.rows)?.bareP50
    const ratio = bare === undefined ? '' : `, ${fixed(one.p50 / bare)}x bare`
    return {
      what: `${one.form === 'bare' ? 'node:http that only runs the model' : `HTTP ${one.form}`}, ${one.rows} rows (${fixed(one.requestBytes / 1024)} KiB)`,
      target: '-',
      figure: `p50 ${fixed(one.p50, 0)} us${ratio}, p99 ${fixed(one.p99, 0)} us, ${fixed(one.requestsPerSecond, 0)}/s, ${fixed(one.serverCpu)} us CPU`,
      isMet: null,
    }
  })
  const small = of('binary', 16)
  const smallBare = inProcess.find(({ rows }) => rows === 16)?.bareP50
  if (small !== undefined && smallBare !== undefined) {
    const beyond = small.serverCpu - smallBare
    verdicts.push({
      what: 'HTTP binary, 4 KiB: server CPU beyond bare onnxruntime',
      target: 'at most +60 us',
      figure: `+${fixed(beyond)} us`,
      isMet: beyond <= 60,
    })
  }
  const bareServer = of('bare', 16)
  if (small !== undefined && bareServer !== undefined) {
    verdicts.push({
      what: 'HTTP binary, 4 KiB: server CPU over node:http that only runs the model',
      target: '-',
      figure: `${fixed(small.serverCpu / bareServer.serverCpu, 2)}x (+${fixed(small.serverCpu - bareServer.serverCpu)} us)`,
      isMet: null,
    })
  }
  const [binary, json] = [of('binary', 192), of('json', 192)]
  if (binary !== undefined && json !== undefined) {
    const ratio = json.serverCpu / binary.serverCpu
    verdicts.push({ what: 'HTTP, 48 KiB: CPU of JSON over binary', target: 'at least 4x', figure: `${fixed(ratio)}x`, isMet: ratio >= 4 })
  }
  return verdicts
}

function footprintVerdicts(footprint: Footprint | null): Verdict[] {
  if (footprint === null) return [{ what: 'memory and start of the agent', target: '-', figure: 'not measured', isMet: null }]
  const { processes, firstInferenceMs, bareNodeMs, isBundle } = footprint
  const form = isBundle ? 'bundle' : 'source'
  const sum = (of: (process: Footprint['processes'][number]) => number | null): number =>
    processes.reduce((total, process) => total + (of(process) ?? Number.NaN), 0)
  const pss = sum((process) => process.pssMiB)
  const each = processes.map(({ name, rssMiB, pssMiB }) => `${name} ${fixed(pssMiB ?? Number.NaN, 0)} (RSS ${fixed(rssMiB, 0)})`).join(', ')
  const ratio = firstInferenceMs / bareNodeMs
  return [
    {
      what: `supervisor and runtime, PSS (${form})`,
      target: 'at most 130 MB',
      figure: `${fixed((pss * MiB) / 1e6, 0)} MB: ${each} MiB`,
      isMet: Number.isNaN(pss) ? null : pss * MiB <= 130e6,
    },
    {
      what: `start to the first inference (${form})`,
      target: 'at most 3.5x bare Node',
      figure: `${fixed(firstInferenceMs, 0)} ms, ${fixed(ratio)}x (Node ${fixed(bareNodeMs, 0)} ms)`,
      isMet: ratio <= 3.5,
    },
  ]
}

function bundleVerdict(arm64Bytes: number | null): Verdict {
  const what = 'archive of the agent for linux-arm64'
  if (arm64Bytes === null) return { what, target: 'at most 55 MB', figure: 'not made; npm run agent:bundle', isMet: null }
  return { what, target: 'at most 55 MB', figure: `${fixed(arm64Bytes / 1e6)} MB`, isMet: arm64Bytes <= 55e6 }
}
