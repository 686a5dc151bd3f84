import type { Page } from 'playwright-core'
import { deviceId } from '../../shared/domain/ids.ts'
import { rolloutPlan } from '../../shared/domain/rollout/plan.ts'
import type { RolloutDeviceState } from '../../shared/domain/rollout/life.ts'
import type { RolloutEvent } from '../../shared/domain/rollout/event.ts'
import type { JudgedMetric, Verdict } from '../../shared/domain/rollout/judge.ts'
import { contract, type MethodName, type OutputOf, type ParsedInputOf } from '../../shared/rpc/contract.ts'
import type { GateEvidence, MetricEvidence } from '../../shared/rpc/contract/gate-evidence.ts'
import type { RolloutDetail, WaveView } from '../../shared/rpc/contract/rollouts.ts'

const MINUTE = 60_000
const acts: RolloutDetail['acts'] = {
  ...{ start: false, approve: false, pause: true, halt: false, resume: false, stop: true, revert: true, letThrough: true, promote: false },
  ...{ discard: false, edit: false, remove: false },
}
type Counts = Partial<Record<RolloutDeviceState, number>>

/** What the core would say of one rollout: everything that its page asks for. */
export interface RolloutScene {
  show: RolloutDetail
  comparison: OutputOf<'rollouts.comparison'>
  events: RolloutEvent[]
}

function metric(of: JudgedMetric, verdict: Verdict, change: Partial<MetricEvidence> = {}): MetricEvidence {
  return {
    ...{ metric: of, role: 'required', verdict, sentence: `${of}: ${verdict}.` },
    candidate: { n: 4210, events: 17, value: 0.004, low: 0.0024, high: 0.0065 },
    incumbent: { n: 18_400, events: 68, value: 0.0037, low: 0.0029, high: 0.0047 },
    ...{ difference: 0.0003, low: -0.0021, high: 0.0036, margin: 0.005, alpha: 0.0071, eValue: 0.41, needs: null },
    method: 'e-process on error counts; asymptotic confidence sequence',
    ...change,
  }
}

function evidence(now: number, verdict: Verdict, metrics: MetricEvidence[]): GateEvidence {
  return {
    ...{ at: now - 4000, from: now - 42 * MINUTE, verdict, metrics },
    sentence:
      verdict === 'pass'
        ? 'Pass: not worse than 1.0.0 by more than is accepted in errors, latency and inputs. No failure in 12 devices bounds the failure rate at 22.1 % (95 %).'
        : verdict === 'fail'
          ? 'Fail, worse than 1.0.0. Errors: 4.08 % of 2,110 requests fail, against 0.37 % of 18,400. No failure in 12 devices bounds the failure rate at 22.1 % (95 %).'
          : 'Not enough evidence against 1.0.0. Latency: 5.45 % of 1,210 answers are slower than 11 ms, against 5.00 % of 18,400; it takes about 2,340 more answers. No failure in 12 devices bounds the failure rate at 22.1 % (95 %).',
    ...{ candidateDevices: 12, incumbentDevices: 96, incumbent: { model: 'digits', version: '1.0.0' } },
    sizeBound: { failures: 0, devices: 12, high: 0.221 },
  }
}

const passed = (now: number): GateEvidence =>
  evidence(now, 'pass', [
    metric('errors', 'pass'),
    metric('latency', 'pass', { difference: -0.004, low: -0.02, high: 0.011, margin: 0.05, eValue: 0.02 }),
    metric('inputs', 'pass', { role: 'guard', difference: 0, low: -0.001, high: 0.001, margin: 0.01, eValue: 1 }),
  ])

const waiting = (now: number): GateEvidence =>
  evidence(now, 'not enough evidence', [
    metric('errors', 'pass'),
    metric('latency', 'not enough evidence', {
      candidate: { n: 1210, events: 66, value: 0.0545, low: 0.04, high: 0.071 },
      incumbent: { n: 18_400, events: 920, value: 0.05, low: 0.046, high: 0.054 },
      ...{ difference: 0.0045, low: -0.031, high: 0.062, margin: 0.05, eValue: 1.8, needs: 2340 },
    }),
    metric('agreement', 'not enough evidence', {
      role: 'guard',
      candidate: { n: 0, events: null, value: null, low: null, high: null },
      incumbent: { n: 0, events: null, value: null, low: null, high: null },
      ...{ difference: null, low: null, high: null, margin: 0.1, eValue: null },
    }),
    metric('outcomes', 'pass', {
      role: 'guard',
      candidate: { n: 4210, events: null, value: 0.04, low: null, high: 0.11 },
      incumbent: { n: 18_400, events: null, value: null, low: null, high: null },
      ...{ difference: 0.04, low: null, high: 0.11, margin: 0.25, eValue: null },
    }),
    metric('memory', 'pass', {
      role: 'guard',
      candidate: { n: 12, events: null, value: 64_660_000, low: null, high: null },
      incumbent: { n: 96, events: null, value: 61_000_000, low: null, high: null },
      ...{ difference: 0.06, low: null, high: null, margin: 0.5, eValue: null },
    }),
  ])

const failed = (now: number): GateEvidence =>
  evidence(now, 'fail', [
    metric('errors', 'fail', {
      candidate: { n: 2110, events: 86, value: 0.0408, low: 0.033, high: 0.05 },
      ...{ difference: 0.037, low: 0.024, high: 0.052, eValue: 4200 },
    }),
    metric('latency', 'not enough evidence', { difference: 0.02, low: -0.03, high: 0.08, margin: 0.05, eValue: 3, needs: 900 }),
  ])

function cellsOf(wave: number, counts: Counts): WaveView['cells'] {
  const states = Object.entries(counts).flatMap(([state, count]) => Array.from({ length: count }, () => state as RolloutDeviceState))
  return states.slice(0, 2000).map((state, i) => ({
    device: deviceId.parse(`cam-${wave + 1}-${String(i + 1).padStart(4, '0')}`),
    state,
    share: state === 'fetching' ? ((i * 37) % 100) / 100 : null,
  }))
}

const total = (counts: Counts): number => Object.values(counts).reduce((sum, one) => sum + one, 0)
const answered = ({ committed = 0, failed: bad = 0, rejected = 0 }: Counts): number => committed + bad + rejected

function waveOf(
  now: number,
  wave: number,
  of: { name?: string; size: string; state: WaveView['state']; counts: Counts; evidence?: GateEvidence | null; isLast?: boolean },
): WaveView {
  const { state, counts } = of
  const hasBegun = state !== 'waiting'
  const isPassed = state === 'passed'
  return {
    ...{ wave, name: of.name ?? '', size: of.size, state, counts, cells: cellsOf(wave, counts) },
    openedAt: hasBegun ? now - (60 - wave * 20) * MINUTE : null,
    reachedAt: isPassed || state === 'at-gate' ? now - (52 - wave * 20) * MINUTE : null,
    passedAt: isPassed ? now - (41 - wave * 20) * MINUTE : null,
    ...{ targeted: total(counts), reached: answered(counts), committed: counts.committed ?? 0, unreachable: counts.unreachable ?? 0 },
    gate:
      of.isLast === true
        ? null
        : {
            conditions: [
              { kind: 'reached', isMet: hasBegun, sentence: `${answered(counts)} devices have answered, 1 is needed.` },
              {
                kind: 'success',
                isMet: isPassed || state === 'at-gate',
                sentence: `${counts.committed ?? 0} of ${answered(counts)} committed; 90 % are needed.`,
              },
              { kind: 'verdict', isMet: isPassed, sentence: 'The comparison with 1.0.0 must pass.' },
            ],
            sentence: isPassed ? 'Passed.' : 'Waits for the comparison: slow answers need about 2,340 more requests.',
            evidence: of.evidence ?? null,
          },
  }
}

/** A rollout of four waves; the second stands at its gate and lacks evidence. */
export function runningScene(rollout: number, now: number): RolloutScene {
  const waveViews = [
    waveOf(now, 0, { name: 'canary', size: '5 devices', state: 'passed', counts: { committed: 5 }, evidence: passed(now) }),
    waveOf(now, 1, {
      ...{ size: 'up to 10 %', state: 'at-gate', evidence: waiting(now) },
      counts: { committed: 9, probing: 2, fetching: 5, failed: 1, unreachable: 2 },
    }),
    waveOf(now, 2, { size: 'up to 50 %', state: 'waiting', counts: { pending: 48 } }),
    waveOf(now, 3, { size: 'the rest', state: 'waiting', counts: { pending: 60 }, isLast: true }),
  ]
  return sceneOf(rollout, now, waveViews, waiting(now))
}

/** Fifty waves over ten thousand devices, the twelfth open. */
export function manyWavesScene(rollout: number, now: number): RolloutScene {
  const waveViews = Array.from({ length: 50 }, (_, wave) => {
    const state = wave < 11 ? 'passed' : wave === 11 ? 'open' : 'waiting'
    const counts: Counts =
      state === 'passed'
        ? { committed: 190, failed: wave % 4, unreachable: 6 }
        : state === 'open'
          ? { committed: 61, probing: 12, fetching: 24, failed: 2, pending: 96, unreachable: 5 }
          : { pending: 200 }
    return waveOf(now, wave, {
      size: `up to ${(wave + 1) * 2} %`,
      state,
      counts,
      evidence: state === 'waiting' ? null : passed(now),
      isLast: wave === 49,
    })
  })
  return sceneOf(rollout, now, waveViews, passed(now))
}

/** A shadow test of five devices that waits for a person, with classes that differ. */
export function comparisonScene(rollout: number, now: number): RolloutScene {
  const counts: Counts = { shadowing: 5 }
  const view = waveOf(now, 0, { size: 'the rest', state: 'at-gate', counts, evidence: failed(now) })
  const scene = sceneOf(rollout, now, [view], failed(now))
  const plan = { ...scene.show.plan, method: 'shadow' as const, isComparison: true }
  return {
    ...scene,
    show: {
      ...scene.show,
      ...{ plan, method: 'shadow', isComparison: true, verdict: 'fail' },
      acts: { ...acts, promote: true, discard: true, letThrough: false },
    },
    comparison: { ...scene.comparison, isEnough: true, advice: 'It is worse: discard it.' },
  }
}

/** Paused by its own rule: a person may halt it, let it go on, or end it. */
export function pausedScene(rollout: number, now: number): RolloutScene {
  const scene = runningScene(rollout, now)
  const heldBy = '3 of 20 devices failed, 15 %: the rule stops at 10 %.'
  return {
    ...scene,
    show: {
      ...scene.show,
      ...{ state: 'paused', heldBy, sentence: `Paused. ${heldBy}`, overridden: [] },
      acts: { ...acts, pause: false, halt: true, resume: true, letThrough: false },
    },
  }
}

/** A draft that needs approval. */
export function waitingScene(rollout: number, now: number): RolloutScene {
  const scene = runningScene(rollout, now)
  const waveViews = scene.show.waveViews.map((view) =>
    waveOf(now, view.wave, {
      name: view.name,
      size: view.size,
      state: 'waiting',
      counts: { pending: view.targeted },
      isLast: view.gate === null,
    }),
  )
  return {
    ...scene,
    show: {
      ...scene.show,
      ...{ state: 'awaiting-approval', waveViews, wave: null, verdict: null, startedAt: null, committed: 0, reached: 0 },
      ...{ counts: { pending: 132 }, heldBy: null, spent: { bytes: 0, money: 0 } },
      sentence: 'digits 1.1.0 waits for approval before it goes to 132 devices.',
      needsApproval: 'Each rollout is approved besides its version; whoever wrote it does not approve it.',
      acts: { ...acts, approve: true, pause: false, revert: false, letThrough: false },
    },
  }
}

function sceneOf(rollout: number, now: number, waveViews: WaveView[], of: GateEvidence): RolloutScene {
  const counts: Counts = {}
  for (const view of waveViews)
    for (const [state, count] of Object.entries(view.counts) as [RolloutDeviceState, number][]) counts[state] = (counts[state] ?? 0) + count
  const open = waveViews.find(({ state }) => state === 'open' || state === 'at-gate')!
  const plan = rolloutPlan.parse({
    ...{
      name: 'digits 1.1.0 to production',
      deployment: 'digits',
      model: 'digits',
      version: '1.1.0',
      query: 'tag:camera and site in (lyon, oslo)',
    },
    ...{ note: 'Retrained on the new lens.', whenDone: { alias: 'production' } },
    waves: waveViews.map(({ name }) => ({ name, size: { kind: 'rest' } })),
  })
  const targeted = total(counts)
  return {
    show: {
      ...{ rollout, name: plan.name, state: 'running', deployment: plan.deployment, model: 'digits', version: '1.1.0', method: 'replace' },
      ...{ isComparison: false, priority: 10, query: plan.query, createdAt: now - 120 * MINUTE, createdBy: 'kim', targeted, counts, plan },
      sentence: `digits 1.1.0 is in wave ${open.wave + 1} of ${waveViews.length}: ${open.committed} of ${open.targeted} devices committed, the gate waits for evidence.`,
      ...{ startedAt: now - 61 * MINUTE, endedAt: null, reached: answered(counts), committed: counts.committed ?? 0 },
      ...{ wave: open.wave, waves: waveViews.length, verdict: of.verdict, heldBy: null, digest: 'a'.repeat(64), waveViews, acts },
      spent: { bytes: 61_000_000, money: 1.22 },
      forecast: {
        ...{ devices: targeted, bytes: 410_000_000, published: 90_000_000, money: 8.2, currency: 'EUR', seconds: null, byLink: [] },
        budget: { bytes: null, money: 20, isWithin: true },
      },
      ...{ approvals: [{ at: now - 70 * MINUTE, by: 'ana', decision: 'approved', why: 'Hold-out is fine' }], needsApproval: null },
      overridden: [{ rollout: 3, name: 'hotfix of the night shift', devices: 4 }],
      effects: {
        pause: 'No further device is offered digits 1.1.0; the 7 that are on their way finish what they began.',
        halt: '7 devices have the order and not yet activated the version: they keep from it until the rollout goes on.',
        stop: '14 devices keep digits 1.1.0; the other 118 do not get it.',
        revert: '14 devices get back digits 1.0.0, which they still have: no download. The other 118 do not get 1.1.0.',
      },
    },
    comparison: {
      evidence: of,
      isEnough: of.verdict !== 'not enough evidence',
      advice: of.verdict === 'pass' ? 'It can be promoted.' : 'Let it run: the verdict comes by itself.',
      series: (['errors', 'latency', 'accuracy'] as const).map((name, k) => ({
        ...{ metric: name, unit: name === 'latency' ? 'ms' : 'share' },
        points: Array.from({ length: 42 }, (_, i) => {
          const candidate = i > 20 && i < 24 ? null : level(name) * (1 + 0.25 * Math.sin(i * 1.7 + k) * (name === 'accuracy' ? 0.1 : 1))
          const incumbent = level(name) * (0.97 + 0.1 * Math.sin(i * 1.1 + k) * (name === 'accuracy' ? 0.15 : 1))
          const wide = level(name) * (name === 'accuracy' ? 0.02 : 0.3)
          return {
            ...{ at: now - (42 - i) * MINUTE, candidate, incumbent },
            candidateRange: candidate === null ? null : { low: candidate - wide, high: candidate + wide },
            incumbentRange: { low: incumbent - wide / 3, high: incumbent + wide / 3 },
          }
        }),
      })),
      latency: { candidate: { p50: 4.2, p95: 11.8, p99: 21 }, incumbent: { p50: 4.4, p95: 11.2, p99: 19.4 } },
      pairs: [
        { incumbent: '4', candidate: '9', rows: 41 },
        { incumbent: '7', candidate: '1', rows: 22 },
        { incumbent: '3', candidate: '8', rows: 9 },
      ],
    },
    events: eventsOf(rollout, now, of),
  }
}

const level = (name: JudgedMetric): number => ({ errors: 0.004, latency: 11, accuracy: 0.94 })[name as 'errors'] ?? 0.1

function eventsOf(rollout: number, now: number, of: GateEvidence): RolloutEvent[] {
  const lines: [kind: string, sentence: string, actor: string, more?: Partial<RolloutEvent>][] = [
    ['created', 'Written as a draft.', 'kim'],
    ['submit', 'Started: it waits for approval.', 'kim', { from: 'draft', to: 'awaiting-approval' }],
    ['approve', 'Approved.', 'ana', { from: 'awaiting-approval', to: 'scheduled', detail: { why: 'Hold-out is fine' } }],
    ['begin', 'digits 1.1.0 begins on 132 devices in 4 waves.', 'muster', { from: 'scheduled', to: 'running' }],
    ['wave-opened', 'Wave 1 is open: 5 devices.', 'muster', { wave: 0 }],
    ['offer', 'Offered digits 1.1.0.', 'muster', { wave: 0, device: 'cam-1-0001', from: 'pending', to: 'offered' }],
    ['commit', 'Committed digits 1.1.0.', 'muster', { wave: 0, device: 'cam-1-0001', from: 'probing', to: 'committed' }],
    ['wave-reached', 'All 5 devices of wave 1 have answered.', 'muster', { wave: 0 }],
    ['verdict', 'pass: not worse than 1.0.0.', 'muster', { wave: 0, detail: { evidence: passed(now) } }],
    ['wave-passed', 'Wave 1 passed its gate.', 'muster', { wave: 0 }],
    ['wave-opened', 'Wave 2 is open: 19 devices.', 'muster', { wave: 1 }],
    ['pause', 'Paused.', 'kim', { from: 'running', to: 'paused', detail: { why: 'The line is being cleaned' } }],
    ['resume', 'Goes on.', 'kim', { from: 'paused', to: 'running', detail: { why: 'Clean' } }],
    ['fail', 'Failed on the device: its probe took 900 ms, 200 ms are allowed.', 'muster', { wave: 1, device: 'cam-2-0017' }],
    ['note', 'Latency of Oslo is being looked at.', 'ana'],
    ['verdict', of.sentence, 'muster', { wave: 1, detail: { evidence: of } }],
  ]
  return lines
    .map(([kind, sentence, actor, more = {}], i) => ({
      ...{ seq: i + 1, rollout, at: now - (lines.length - i) * 4 * MINUTE, actor, kind, sentence },
      ...{ device: null, wave: null, from: null, to: null, detail: {}, ...more },
    }))
    .reverse()
}

/** What a scene answers to a question of the page; `null`: the console itself answers. */
function answerOf({ show, comparison, events }: RolloutScene, method: string, input: Record<string, unknown>): unknown {
  switch (method) {
    case 'rollouts.show':
      return show
    case 'rollouts.comparison':
      return comparison
    case 'rollouts.events': {
      const { device, isWithoutDevices } = input
      const found = events.filter(
        (one) => (device === undefined || one.device === device) && (isWithoutDevices !== true || one.device === null),
      )
      return { events: found, next: null }
    }
    case 'rollouts.devices':
      return devicesOf(show, contract['rollouts.devices'].input.parse(input))
    case 'rollouts.penalties':
      return { penalties: [] }
    case 'rollouts.explain':
      return { explanations: [] }
    default:
      return null
  }
}

function devicesOf({ waveViews, deployment }: RolloutDetail, input: ParsedInputOf<'rollouts.devices'>): OutputOf<'rollouts.devices'> {
  const named = /^id = "?([\w-]+)/.exec(input.query)?.[1]
  const isWanted = ({ device, state }: WaveView['cells'][number]): boolean =>
    (named === undefined || device === named) && (input.state === undefined || input.state.includes(state))
  const rows = waveViews
    .filter(({ wave }) => input.wave === undefined || input.wave === wave)
    .flatMap(({ wave, cells }) =>
      cells.filter(isWanted).map(({ device, state, share }) => ({
        ...{ device, state, share, status: state === 'unreachable' ? 'offline' : 'online', wave, since: Date.now() - 5 * MINUTE },
        ...{ attempts: state === 'pending' ? 0 : 1, bytes: state === 'pending' ? 0 : 3_100_000 },
        previous: state === 'pending' ? null : { model: 'digits', version: '1.0.0' },
        active: { model: 'digits', version: state === 'committed' ? '1.1.0' : '1.0.0' },
        problem: state === 'failed' ? { code: 'probe.too-slow', message: 'The probe took 900 ms; 200 ms are allowed.' } : null,
        why: whyOf({ device, state }, { deployment, wave }),
      })),
    )
  return { total: rows.length, devices: rows.slice(input.offset, input.offset + input.limit) }
}

function whyOf(of: { device: string; state: RolloutDeviceState }, { deployment, wave }: { deployment: string; wave: number }): string {
  if (of.state === 'committed') return `${of.device} runs ${deployment} 1.1.0.`
  const waits = `waiting for wave ${wave + 1}; wave 2 has 9 of 10 committed and waits for evidence`
  return `${of.device} is not on ${deployment} 1.1.0: ${of.state === 'pending' ? waits : of.state}.`
}

/** Answers what the page of a rollout asks from a scene; everything else goes to the console. What is answered is checked by the contract. */
export async function playScene(page: Page, scene: RolloutScene): Promise<void> {
  await page.routeWebSocket(/\/rpc$/, (socket) => {
    const server = socket.connectToServer()
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text)) as { id?: number; method?: string; input?: Record<string, unknown> }
      const answer = frame.method === undefined ? null : answerOf(scene, frame.method, frame.input ?? {})
      if (answer === null) server.send(text)
      else {
        const output: unknown = contract[frame.method as MethodName].output.parse(answer)
        socket.send(JSON.stringify({ id: frame.id, ok: true, output }))
      }
    })
  })
}
