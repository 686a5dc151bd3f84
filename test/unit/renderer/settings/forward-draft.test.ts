import { describe, expect, it } from 'vitest'
import { draftOfForward, forwardSet, freshForward } from '../../../../renderer/screens/settings/data-out/forward-draft.ts'
import type { ForwardShown } from '../../../../shared/rpc/contract/forward.ts'

const shown: ForwardShown = {
  ...{ forward: 'plant', name: 'Plant', state: 'running', target: 'x', hasSecret: true, setAt: 0, lastAt: null, problem: null },
  ...{ waiting: 0, failed: 0, waitingSince: null, backfill: null, tables: [] },
  settings: { kind: 'webhook', url: 'https://hooks.example/', allowsPrivate: false, events: ['audit'], persons: true },
}

describe('a way out in the editor', () => {
  it('becomes what the core takes; an empty secret leaves the one that is there', () => {
    expect(forwardSet({ ...draftOfForward(shown), name: ' Plant ' })).toEqual({
      set: {
        kind: 'webhook',
        name: 'Plant',
        url: 'https://hooks.example/',
        secret: null,
        allowsPrivate: false,
        events: ['audit'],
        persons: true,
      },
    })
    const copy = { ...freshForward('postgres'), host: ' db.plant ', database: 'ops', user: 'muster', secret: 'p' }
    expect(forwardSet(copy)).toEqual({
      set: {
        ...{ kind: 'postgres', name: 'PostgreSQL', host: 'db.plant', port: 5432, database: 'ops', user: 'muster', password: 'p' },
        ...{ tls: 'verify', ca: null, schema: 'muster' },
      },
    })
  })

  it.each([
    { what: { name: ' ' }, says: 'Give it a name.' },
    { what: { url: 'hooks.example' }, says: 'Give the address, beginning with https:// or http://.' },
    { what: { events: [] }, says: 'Choose what it is told.' },
    { what: { kind: 'postgres' as const }, says: 'Say which server, which database, and who writes.' },
    {
      what: { kind: 'postgres' as const, host: 'a', database: 'b', user: 'c', schema: 'Not "this"' },
      says: 'schema: small letters, digits and _, beginning with a letter',
    },
  ])('says what is missing: $says', ({ what, says }) => {
    expect(forwardSet({ ...draftOfForward(shown), ...what })).toEqual({ problem: says })
  })
})
