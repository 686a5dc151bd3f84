import { z } from 'zod'
import { reportedDeployment } from '../../shared/protocol/reported.ts'

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
  order: z.looseObject({ counter: z.number(), problem: problem.nullable() }),
  spool: z.looseObject({ records: z.number(), bytes: z.number(), lastAckAt: when, problem: problem.nullable() }),
  deployments: z.record(z.string(), reportedDeployment),
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
    `order        ${orderWords(status)}`,
    `spool        ${spoolWords(status, now)}`,
    ...deploymentLines(status, now),
  ]
}

function brokerWords({ broker, running }: AgentStatus, now: number): string {
  if (!running) return broker.url
  const since = broker.since === null ? '' : ` for ${age(now - broker.since)}`
  if (broker.connected) return `connected to ${broker.url}${since}`
  return `not connected to ${broker.url}${since}${broker.problem === null ? '' : `: ${broker.problem.message}`}`
}

function orderWords({ order }: AgentStatus): string {
  const counter = order.counter === 0 ? 'none yet' : `number ${order.counter}`
  return order.problem === null ? counter : `${counter}; ${order.problem.message} (${order.problem.code})`
}

function spoolWords({ spool }: AgentStatus, now: number): string {
  if (spool.problem !== null) return `${spool.problem.message} (${spool.problem.code})`
  const backlog = spool.records === 0 ? 'empty' : `${spool.records} records (${Math.ceil(spool.bytes / 1024)} KiB) wait for the console`
  return `${backlog}${spool.lastAckAt === null ? '' : `; last acknowledged ${age(now - spool.lastAckAt)} ago`}`
}

function deploymentLines({ deployments }: AgentStatus, now: number): string[] {
  const names = Object.keys(deployments).sort()
  if (names.length === 0) return ['deployments  none']
  return names.flatMap((name) => {
    const { active, candidate, lastGood, state, progress, problem } = deployments[name]!
    const lines = [
      `${name.padEnd(12)} ${active === null ? 'serves nothing' : `serves ${active.model} ${active.version} for ${age(now - active.since)}`}; state ${state}`,
    ]
    if (candidate !== null) {
      const share = progress === null ? '' : `, ${progress.blocksHave} of ${progress.blocksTotal} blocks`
      lines.push(`${''.padEnd(12)} candidate ${candidate.model} ${candidate.version}${share}`)
    }
    if (lastGood !== null) lines.push(`${''.padEnd(12)} last good ${lastGood.model} ${lastGood.version}`)
    if (problem !== null) lines.push(`${''.padEnd(12)} ${problem.message} (${problem.code})`)
    return lines
  })
}

/** A length of time in words. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}
