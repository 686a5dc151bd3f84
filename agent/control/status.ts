import { z } from 'zod'
import { ownValue } from '../../shared/domain/own-value.ts'
import { isProblemCode } from '../../shared/domain/problem.ts'
import { problems } from '../../shared/domain/problems.ts'
import { shownFingerprint } from '../../shared/protocol/certificate.ts'
import { keptCheckpoint } from '../../shared/protocol/checkpoint.ts'
import { haltedBundle } from '../../shared/protocol/halt.ts'
import { applicationLock, reportedDeployment } from '../../shared/protocol/reported.ts'

const problem = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() })
const when = z.number().nullable().describe('Epoch ms, device clock.')

/** What `muster-agent status` says of an agent, running or not. */
export const agentStatus = z.looseObject({
  running: z.boolean(),
  fleet: z.string(),
  device: z.string(),
  agentVersion: z.string(),
  pid: z.number().nullable(),
  startedAt: when,
  httpUrl: z.string().nullable(),
  broker: z.looseObject({ url: z.string(), connected: z.boolean(), since: when, problem: problem.nullable() }),
  certificate: z
    .looseObject({
      fingerprint: z.string().describe('SHA-256 of the public key, hex.'),
      notAfter: z.number(),
      renewAt: z.number(),
      isUsed: z.boolean().describe('The connection is by it; false: by user name and password.'),
    })
    .nullable()
    .default(null)
    .describe('null: none yet.'),
  order: z.looseObject({ counter: z.number(), problem: problem.nullable() }),
  spool: z.looseObject({ records: z.number(), bytes: z.number(), lastAckAt: when, problem: problem.nullable() }),
  deployments: z.record(z.string(), reportedDeployment),
  lock: applicationLock.nullable().default(null),
  halts: z.array(haltedBundle).default([]).describe('Bundles that the fleet has halted: the device does not begin to use them.'),
  checkpoints: z
    .array(keptCheckpoint)
    .default([])
    .describe('What the console signed about its audit log, the newest two, each with its signature: evidence that it cannot take back.'),
  machine: z
    .looseObject({
      enclosure: z.string().describe('What shuts models in: bubblewrap, limits, process or none.'),
      rssBytes: z.number().describe('Resident memory of supervisor and runtime.'),
      cpuSeconds: z.number().describe('Of both, since the start.'),
      spoolMaxBytes: z.number(),
    })
    .nullable()
    .default(null)
    .describe('null: the agent does not run.'),
  served: z
    .record(z.string(), z.looseObject({ requests: z.number(), failed: z.number(), cacheHits: z.number() }))
    .default({})
    .describe('Requests by deployment since the start, in closed windows.'),
  detectors: z
    .record(
      z.string(),
      z.looseObject({
        learning: z.array(z.string()),
        raised: z.array(z.looseObject({ detector: z.string(), feature: z.string().nullable(), version: z.string(), since: z.number() })),
      }),
    )
    .default({})
    .describe('By deployment: detectors that know no baseline yet, and changes that are not over. Empty if the agent does not run.'),
})
export type AgentStatus = z.infer<typeof agentStatus>

/** The status in words, one line each. */
export function statusLines(status: AgentStatus, now: number): string[] {
  const head = status.running
    ? `${status.device} of fleet ${status.fleet} runs (pid ${status.pid ?? '?'}, version ${status.agentVersion}${status.startedAt === null ? '' : `, for ${age(now - status.startedAt)}`})`
    : `${status.device} of fleet ${status.fleet} is not running`
  return [
    head,
    ...(status.httpUrl === null ? [] : [`local API    ${status.httpUrl}`]),
    `broker       ${brokerWords(status, now)}`,
    ...(status.broker.problem === null ? [] : problemLines(status.broker.problem).slice(1)),
    ...(status.certificate === null ? [] : [`certificate  ${certificateWords(status.certificate)}`]),
    `order        ${orderWords(status)}`,
    ...(status.order.problem === null ? [] : problemLines(status.order.problem).slice(1)),
    `spool        ${spoolWords(status, now)}`,
    ...(status.lock === null ? [] : [`locked       ${status.lock.reason}; activation waits ${age(status.lock.until - now)}`]),
    ...status.checkpoints
      .slice(0, 1)
      .map(({ size, root, issuedAt }) => `audit log    ${size} entries, signed ${age(now - issuedAt)} ago, root ${root.slice(0, 16)}`),
    ...status.halts.map(({ deployment, reason, since }) => `halted       ${deployment} for ${age(now - since)}: ${reason}`),
    ...machineLines(status, now),
    ...deploymentLines(status, now),
  ]
}

const enclosures: Record<string, string> = {
  bubblewrap: 'models are shut in by bubblewrap',
  limits: 'models run with limits of memory only',
  process: 'models run in a process of their own, memory is only watched',
  none: 'models run inside the agent',
}

function machineLines({ machine, startedAt }: AgentStatus, now: number): string[] {
  if (machine === null) return []
  const { enclosure, rssBytes, cpuSeconds } = machine
  const cores = startedAt === null || now <= startedAt ? 0 : cpuSeconds / ((now - startedAt) / 1000)
  return [`machine      ${Math.round(rssBytes / 1_048_576)} MiB memory, ${cores.toFixed(2)} cores; ${enclosures[enclosure] ?? enclosure}`]
}

/** What went wrong, and what a person does about it. */
function problemLines(of: { code: string; message: string; hint?: string | undefined }): string[] {
  const hint = of.hint ?? (isProblemCode(of.code) ? problems[of.code].hint : undefined)
  return [`${of.message} (${of.code})`, ...(hint === undefined ? [] : [`  ${hint.replaceAll('--data', '--dir')}`])].map(
    (line) => `${''.padEnd(12)} ${line}`,
  )
}

function brokerWords({ broker, running }: AgentStatus, now: number): string {
  if (!running) return broker.url
  const since = broker.since === null ? '' : ` for ${age(now - broker.since)}`
  if (broker.connected) return `connected to ${broker.url}${since}`
  return `not connected to ${broker.url}${since}${broker.problem === null ? '' : `: ${broker.problem.message}`}`
}

function certificateWords({ fingerprint, notAfter, isUsed }: NonNullable<AgentStatus['certificate']>): string {
  return `${shownFingerprint(fingerprint)}, until ${new Date(notAfter).toISOString()}${isUsed ? '' : '; not needed where the broker is'}`
}

function orderWords({ order }: AgentStatus): string {
  const counter = order.counter === 0 ? 'none yet' : `number ${order.counter}`
  return order.problem === null ? counter : `${counter}; ${order.problem.message} (${order.problem.code})`
}

function spoolWords({ spool, machine }: AgentStatus, now: number): string {
  if (spool.problem !== null) return `${spool.problem.message} (${spool.problem.code})`
  const share = machine === null ? '' : `, ${Math.ceil((100 * spool.bytes) / machine.spoolMaxBytes)} % of its limit`
  const backlog =
    spool.records === 0 ? 'empty' : `${spool.records} records (${Math.ceil(spool.bytes / 1024)} KiB${share}) wait for the console`
  return `${backlog}${spool.lastAckAt === null ? '' : `; last acknowledged ${age(now - spool.lastAckAt)} ago`}`
}

function deploymentLines({ deployments, served, detectors }: AgentStatus, now: number): string[] {
  const names = Object.keys(deployments).sort()
  if (names.length === 0) return ['deployments  none']
  return names.flatMap((name) => {
    const { active, candidate, lastGood, state, progress, problem, watch, beside } = deployments[name]!
    const lines = [
      `${name.padEnd(12)} ${active === null ? 'serves nothing' : `serves ${active.model} ${active.version} for ${age(now - active.since)}`}; state ${state}`,
    ]
    if (candidate !== null) {
      const share = progress === null ? '' : `, ${progress.blocksHave} of ${progress.blocksTotal} blocks`
      lines.push(`${''.padEnd(12)} candidate ${candidate.model} ${candidate.version}${share}`)
    }
    if (lastGood !== null) lines.push(`${''.padEnd(12)} last good ${lastGood.model} ${lastGood.version}`)
    if (watch !== null) {
      const bad = [watch.failed > 0 ? `, ${watch.failed} failed` : '', watch.notFinite > 0 ? `, ${watch.notFinite} not finite` : ''].join(
        '',
      )
      lines.push(`${''.padEnd(12)} watched: ${watch.inferences} of ${watch.wanted} live inferences${bad}`)
    }
    if (beside !== null) {
      const state = beside.problem === null ? beside.state : `${beside.state}; ${beside.problem.message} (${beside.problem.code})`
      lines.push(`${''.padEnd(12)} ${beside.role} ${beside.content.model} ${beside.content.version}; state ${state}`)
    }
    const counts = ownValue(served, name)
    if (counts !== undefined) lines.push(`${''.padEnd(12)} ${countWords(counts)}`)
    for (const one of ownValue(detectors, name)?.raised ?? []) lines.push(`${''.padEnd(12)} ${raisedWords(one, now)}`)
    if (problem !== null) lines.push(...problemLines(problem))
    return lines
  })
}

function countWords({ requests, failed, cacheHits }: AgentStatus['served'][string]): string {
  const bad = failed === 0 ? 'none failed' : `${failed} failed`
  const cached = cacheHits === 0 ? '' : `, ${Math.round((100 * cacheHits) / Math.max(1, requests))} % from the cache`
  return `${requests} requests since the start, ${bad}${cached}`
}

/** A change that a detector found, in words. */
export function raisedWords({ detector, feature, since }: AgentStatus['detectors'][string]['raised'][number], now: number): string {
  return `detector ${detector}${feature === null ? '' : ` of ${feature}`}: raised ${age(now - since)} ago`
}

/** A length of time in words. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}
