import { describe, expect, it } from 'vitest'
import { haltKey } from '../../../../agent/converge/halt-keeper.ts'
import { nextStep } from '../../../../agent/converge/plan.ts'
import { signedHalt, signedOrder } from '../../../harness/converge.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { converged, live, serves, state, v1, v2, v3 } from '../../../harness/lives.ts'
import { until } from '../../../harness/local-api.ts'
import { active, journal, order, serve, situation, slot } from '../../../harness/situations.ts'

const halted = new Set([haltKey('q', slot('b').digest)])

/** Long enough for a step that should not be taken. */
const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 80))

describe('what is next under a halt', () => {
  const cases = [
    { name: 'a halted bundle is not begun with', deployments: { q: journal('active', active) }, next: null },
    { name: 'nor where nothing serves', deployments: {}, serving: [], next: null },
    { name: 'nor fetched on', deployments: { q: journal('fetching', { ...active, candidate: slot('b') }) }, next: null },
    { name: 'nor tried', deployments: { q: journal('staged', { ...active, candidate: slot('b') }) }, next: null },
    { name: 'nor gone back to', deployments: { q: journal('active', { ...active, lastGood: slot('b') }) }, next: null },
    {
      name: 'what serves already is settled',
      deployments: { q: journal('probing', { active: slot('b') }) },
      serving: serve({ q: 'b' }),
      next: { do: 'settle', deployment: 'q' },
    },
    {
      name: 'of another deployment it is no matter',
      deployments: { p: journal('active', active) },
      wanted: { p: 'b' },
      serving: serve({ p: 'a' }),
      next: 'begin',
    },
  ]
  it.each(cases)('$name', ({ deployments, wanted = { q: 'b' }, serving = serve({ q: 'a' }), next }) => {
    const step = nextStep(situation({ order: order(2, wanted), deployments, serving, halted }))
    if (next === 'begin') expect(step?.do).toBe('begin')
    else expect(step).toEqual(next)
  })

  it.each(['shadow', 'split', 'staged'] as const)('a halted bundle does not come to stand beside as %s', (role) => {
    const beside = { q: { model: 'digits', version: '1.b', role, bundle: { digest: slot('b').digest, sizeBytes: 1, signatures: [] } } }
    const signatures = [{ keyid: '0'.repeat(32), sig: 'AA==' }]
    beside.q.bundle.signatures = signatures as never
    const at = situation({ order: order(2, { q: 'a' }, beside), deployments: { q: journal('active', active) }, serving: serve({ q: 'a' }) })
    expect([nextStep(at)?.do, nextStep({ ...at, halted })]).toEqual(['join', null])
  })
})

describe('a halt list', () => {
  it('holds a device before the switch, outlives a restart without a broker, and lets it go on', async () => {
    const directory = temporaryDirectory()
    const life = live(directory)
    await converged(life, 1, { q: v1 })
    life.convergence.halt(signedHalt(5, { q: v2 }))
    life.convergence.order(signedOrder(2, { q: v2 }))
    await quiet()
    expect([state(life)?.state, state(life)?.candidate, serves(life)['q']]).toEqual(['active', null, v1.digest])
    expect([life.convergence.haltCounter, life.convergence.halts().map(({ reason }) => reason)]).toEqual([5, ['slow']])
    await life.stop()

    const again = live(directory)
    await until(() => serves(again)['q'] === v1.digest, 'serves after the start')
    await quiet()
    expect([state(again)?.active?.digest, again.convergence.haltCounter]).toEqual([v1.digest, 5])
    again.convergence.halt(signedHalt(6, {}))
    await until(() => serves(again)['q'] === v2.digest, 'goes on')
    expect(
      life
        .names()
        .concat(again.names())
        .filter((name) => name.startsWith('halt.')),
    ).toEqual(['halt.accepted', 'halt.accepted'])
  })

  it('calls off a trial that runs, which is not counted as a try; an order for another version passes', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    life.runtime.gate = new Promise(() => undefined)
    life.convergence.order(signedOrder(2, { q: v2 }))
    await until(() => state(life)?.state === 'probing', 'probing')
    life.convergence.halt(signedHalt(5, { q: v2 }))
    await until(() => state(life)?.state === 'staged', 'called off')
    life.runtime.gate = null
    await quiet()
    expect([state(life)?.state, serves(life)['q']]).toEqual(['staged', v1.digest])
    life.convergence.order(signedOrder(3, { q: v3 }))
    await until(() => serves(life)['q'] === v3.digest, 'the other version')
  })

  it('leaves what serves alone', async () => {
    const life = live()
    await converged(life, 1, { q: v1 })
    life.convergence.halt(signedHalt(5, { q: v1 }))
    await quiet()
    expect([state(life)?.state, serves(life)['q']]).toEqual(['active', v1.digest])
  })

  it.each([
    { name: 'that is forged', message: () => signedHalt(9, { q: v2 }, { isForged: true }), told: 'assignment.signature-invalid' },
    { name: 'of another fleet', message: () => signedHalt(9, { q: v2 }, { fleet: 'other' }), told: 'assignment.wrong-target' },
    { name: 'that is older', message: () => signedHalt(4, { q: v2 }), told: null },
  ])('$name changes nothing', async ({ message, told }) => {
    const life = live()
    await converged(life, 1, { q: v1 })
    life.convergence.halt(signedHalt(5, {}))
    life.convergence.halt(message())
    expect([life.convergence.haltCounter, life.convergence.halts()]).toEqual([5, []])
    const refusals = life.told.filter(({ name }) => name === 'halt.refused').map(({ problem }) => problem?.code)
    expect(refusals).toEqual(told === null ? [] : [told])
  })
})
