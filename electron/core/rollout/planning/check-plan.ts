import { judgedMetricNames } from '../../../../shared/domain/rollout/judge.ts'
import type { RolloutPlan, TimeWindow, WavePlan } from '../../../../shared/domain/rollout/plan.ts'
import { messageOf, reportOf } from '../../../../shared/domain/problem.ts'
import { parseQuery } from '../../../../shared/domain/query/query.ts'
import { checkWords } from './check-words.ts'
import { finding, type Finding } from './finding.ts'
import { attributeOf } from './targets.ts'
import { NEVER, type Windows } from './windows.ts'

/** What is wrong with a plan by itself, whatever the fleet is like now. @param labels names of labels in use */
export function checkPlanAlone(plan: RolloutPlan, of: { labels: ReadonlySet<string>; windows: Windows; now: number }): Finding[] {
  return [
    ...checkWords(plan),
    ...checkQueries(plan, of.labels),
    ...checkCareless(plan),
    ...checkWaves(plan.waves),
    ...checkGates(plan),
    ...checkMethod(plan),
    ...checkWindow(plan.windows.download, 'windows.download', of),
    ...checkWindow(plan.windows.activation, 'windows.activation', of),
    ...checkStart(plan, of.now),
  ]
}

function checkQueries(plan: RolloutPlan, labels: ReadonlySet<string>): Finding[] {
  const queries = [
    { path: 'query', query: plan.query },
    ...plan.waves.flatMap(({ size }, i) => (size.kind === 'query' ? [{ path: `waves[${i}].size.query`, query: size.query }] : [])),
  ]
  const names = [
    ...plan.waves.flatMap(({ stratify }, i) => stratify.map((name, at) => ({ path: `waves[${i}].stratify[${at}]`, name }))),
    ...(plan.pacing.perGroup === null ? [] : [{ path: 'pacing.perGroup.attribute', name: plan.pacing.perGroup.attribute }]),
  ]
  return [
    ...queries.flatMap(({ path, query }) => caught(path, () => parseQuery(query, labels))),
    ...names.flatMap(({ path, name }) => caught(path, () => attributeOf(name, labels))),
  ]
}

/** What work throws, as a finding. */
function caught(path: string, work: () => unknown): Finding[] {
  try {
    work()
    return []
  } catch (error) {
    return [finding('error', reportOf(error).code, path, messageOf(error))]
  }
}

/** Waves that nobody can be in. Sizes add up, so one that is not larger than a wave before is empty. */
function checkWaves(waves: readonly WavePlan[]): Finding[] {
  const findings: Finding[] = []
  let percent = 0
  const rest = waves.findIndex(({ size }) => size.kind === 'rest')
  for (const [i, { size }] of waves.entries()) {
    const path = `waves[${i}].size`
    if (rest >= 0 && i > rest)
      findings.push(finding('error', 'wave.empty', path, `No device is left after the rest: wave ${i + 1} stays empty.`))
    if (percent >= 100 && size.kind !== 'percent' && rest < 0 && size.kind !== 'query')
      findings.push(finding('error', 'wave.empty', path, `No device is left after 100 %: wave ${i + 1} stays empty.`))
    if (size.kind !== 'percent') continue
    if (size.percent <= percent) {
      const message = `Wave ${i + 1} ends at ${size.percent} %, where wave ${lastPercent(waves, i) + 1} has reached ${percent} % already: it stays empty. Sizes are of the whole target and add up.`
      findings.push(finding('error', 'wave.empty', path, message))
    }
    percent = Math.max(percent, size.percent)
  }
  if (rest < 0 && percent < 100) {
    const message = `No wave takes the rest: devices beyond ${percent === 0 ? 'these waves' : `${percent} %`} never get the version.`
    findings.push(finding('warning', 'wave.no-rest', 'waves', message))
  }
  return findings
}

/** What can be read, and does not do what it seems to. */
function checkCareless({ pacing: { perMinute }, abort, waves }: RolloutPlan): Finding[] {
  const top = perMinute !== null && perMinute.base > perMinute.max ? perMinute : null
  const message = top === null ? '' : `The rate begins at ${top.base} per minute, above its top: ${top.max} is what counts.`
  return [
    ...(top === null ? [] : [finding('warning', 'pacing.base-above-max', 'pacing.perMinute.base', message)]),
    ...abort.flatMap(({ share }, i) =>
      share < 1 ? [] : [finding('warning', 'abort.never', `abort[${i}].share`, 'More than all devices never fail: the rule never holds.')],
    ),
    ...waves.flatMap(({ stratify }, i) =>
      stratify.flatMap((name, at) =>
        stratify.indexOf(name) === at
          ? []
          : [finding('warning', 'wave.stratify-twice', `waves[${i}].stratify[${at}]`, `${name} is there twice.`)],
      ),
    ),
  ]
}

function lastPercent(waves: readonly WavePlan[], before: number): number {
  return waves.slice(0, before).findLastIndex(({ size }) => size.kind === 'percent')
}

function checkGates(plan: RolloutPlan): Finding[] {
  const findings: Finding[] = []
  for (const [i, { size, gate }] of plan.waves.entries()) {
    if (size.kind === 'count' && gate.leastReached > size.devices) {
      const message = `The gate of wave ${i + 1} needs ${gate.leastReached} devices that have answered; the wave has ${size.devices}.`
      findings.push(finding('error', 'gate.impossible', `waves[${i}].gate.leastReached`, message))
    }
  }
  const isJudged = judgedMetricNames.some((name) => plan.judge[name].role === 'required')
  const waiting = plan.waves.findIndex(({ gate }) => gate.verdict === 'pass')
  if (!isJudged && waiting >= 0) {
    const message = 'No metric is required, so that nothing has to be shown before the verdict is pass.'
    findings.push(finding('warning', 'gate.nothing-judged', 'judge', message))
  }
  if (plan.waves.length === 1 && plan.waves[0]!.size.kind === 'rest' && !plan.isComparison) {
    const message = 'There is one wave: all devices get the version at once, and there is nothing to compare it with.'
    findings.push(finding('warning', 'wave.no-canary', 'waves', message))
  }
  return findings
}

function checkMethod({ isComparison, method, whenDone, abort }: RolloutPlan): Finding[] {
  const findings: Finding[] = []
  if (isComparison && method !== 'shadow' && method !== 'split') {
    const message = `A comparison needs the method shadow or split: with ${method} the version does not work beside the incumbent.`
    findings.push(finding('error', 'comparison.method', 'isComparison', message))
  }
  if (isComparison && whenDone.alias !== null) {
    findings.push(finding('info', 'comparison.alias', 'whenDone.alias', 'The alias moves only when a person promotes the version.'))
  }
  if (abort.length === 0) {
    findings.push(finding('warning', 'abort.none', 'abort', 'No rule ends the rollout when devices fail; only the verdict does.'))
  }
  return findings
}

function checkWindow(window: TimeWindow | null, path: string, { windows, now }: { windows: Windows; now: number }): Finding[] {
  if (window === null) return []
  const findings = caught(path, () => windows.placeIn(window, { zone: 'UTC', hash: 0, isSpread: false }, now))
  if (findings.length > 0) return findings
  const { opensAt } = windows.placeIn(window, { zone: 'UTC', hash: 0, isSpread: false }, now)
  return opensAt < NEVER ? [] : [finding('error', 'window.never', `${path}.cron`, `The window '${window.cron}' never opens.`)]
}

function checkStart({ windows }: RolloutPlan, now: number): Finding[] {
  if (windows.startAt === null || windows.startAt > now) return []
  return [finding('info', 'start.past', 'windows.startAt', 'The start is in the past: it begins as soon as it is started.')]
}
