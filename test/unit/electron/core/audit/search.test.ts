import { describe, expect, test } from 'vitest'
import { MOST_LOOKED_AT, type AuditFilter } from '../../../../../electron/core/store/fleet/audit-search.ts'
import { T0 } from '../../../../harness/fleet.ts'
import { auditLog, type AuditLog } from '../../../../harness/audit-log.ts'

function filled(): AuditLog {
  const log = auditLog()
  log.add(3)
  log.add(1, { actor: 'web:ben', action: 'rollouts.pause', detail: { input: { rollout: 7, reason: 'Bad light in hall 4' } }, devices: [] })
  log.add(1, { actor: 'muster', action: 'rollouts.wave-passed', detail: { rollout: 7 }, devices: ['cam-1', 'cam-2'] })
  log.add(1, { actor: 'code:ab12', action: 'devices.enrolled', detail: { device: 'cam-9' }, devices: ['cam-9'] })
  log.add(1, { actor: 'code:cd34', action: 'devices.enrolled', detail: { device: 'cam-8' }, devices: ['cam-8'] })
  return log
}

const found = (log: AuditLog, filter: AuditFilter): number[] =>
  log.store.auditSearch.page(filter, { from: 1e9, order: 'newest', limit: 100 }).entries.map(({ seq }) => seq)

describe('entries are found', () => {
  test.each<[string, AuditFilter, number[]]>([
    ['all, the newest first', {}, [7, 6, 5, 4, 3, 2, 1]],
    ['by a part of the person, who stands as a reference', { actor: 'BEN' }, [4]],
    ['by the way in', { actor: 'cli:' }, [3, 2, 1]],
    ['by codes', { actor: 'code:' }, [7, 6]],
    ['by one code', { actor: 'code:ab12' }, [6]],
    ['by nobody that there is', { actor: 'zoe' }, []],
    ['by a part of the action', { action: 'rollouts.' }, [5, 4]],
    ['by device', { device: 'cam-1' }, [5, 1]],
    ['by device and action', { device: 'cam-1', action: 'setlabels' }, [1]],
    ['by actor and action', { actor: 'anna', action: 'rollouts.' }, []],
    ['by what they say', { text: '"site":"s2"' }, [2]],
    ['by what is personal in them', { text: 'hall 4' }, [4]],
    ['by text that is an action', { text: 'wave-passed' }, [5]],
    ['by text that is a person', { text: 'web:ben' }, [4]],
    ['from a time', { from: T0 + 6000 }, [7, 6]],
    ['in a time', { from: T0 + 2000, through: T0 + 3000 }, [3, 2]],
    ['in a time in which there was nothing', { from: T0 + 2001, through: T0 + 2999 }, []],
  ])('%s', (_, filter, seqs) => {
    expect(found(filled(), filter)).toEqual(seqs)
  })

  test('in the order of the log, page by page, each once', () => {
    const log = filled()
    const seen: number[] = []
    for (let from: number | null = 0; from !== null;) {
      const page = log.store.auditSearch.page({}, { from, order: 'oldest', limit: 2 })
      seen.push(...page.entries.map(({ seq }) => seq))
      from = page.next
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  test('of several actors in one order, whatever the pages', () => {
    const log = auditLog()
    for (let i = 0; i < 300; i += 1) log.add(1, { actor: `cli:anna${i % 7}` })
    const seen: number[] = []
    for (let from: number | null = 1e9; from !== null;) {
      const page = log.store.auditSearch.page({ actor: 'anna' }, { from, order: 'newest', limit: 11 })
      seen.push(...page.entries.map(({ seq }) => seq))
      from = page.next
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => 300 - i))
  })

  test('a call ends after so much work, and says where to go on', () => {
    const log = auditLog()
    log.add(1, { detail: { input: { needle: 1 } } })
    log.add(MOST_LOOKED_AT + 500)
    const first = log.store.auditSearch.page({ text: 'needle' }, { from: 1e9, order: 'newest', limit: 10 })
    expect([first.entries.length, first.next]).toEqual([0, 502])
    const second = log.store.auditSearch.page({ text: 'needle' }, { from: first.next!, order: 'newest', limit: 10 })
    expect([second.entries.map(({ seq }) => seq), second.next]).toEqual([[1], null])
  })

  test('for choosing: people by name, codes as one', () => {
    const log = filled()
    expect(log.store.auditSearch.actors()).toEqual(['cli:anna', 'code:', 'muster', 'web:ben'])
    expect(log.store.auditSearch.actions()).toEqual(['devices.enrolled', 'devices.setLabels', 'rollouts.pause', 'rollouts.wave-passed'])
  })
})
