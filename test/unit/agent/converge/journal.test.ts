import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openJournal } from '../../../../agent/converge/journal.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

describe('the journal', () => {
  it('begins with a key of its own and is read back as it was written', () => {
    const directory = temporaryDirectory()
    const { journal, lost } = openJournal(directory, 0)
    journal.save({ ...journal.state, newestSignedAt: 7 })
    expect(lost).toBeNull()
    expect(openJournal(directory, 0).journal.state).toEqual(journal.state)
    expect(journal.state.tokenKey).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    { name: 'empty', bytes: '' },
    { name: 'cut', bytes: '{"v":1,"tokenKey":"ab' },
    { name: 'of another form', bytes: '{"v":1,"deployments":[]}' },
    { name: 'binary', bytes: '\u0000\u0001\u0002' },
  ])('keeps a damaged file aside and begins anew: $name', ({ bytes }) => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'journal.json'), bytes)
    const { journal, lost } = openJournal(directory, 0)
    expect(lost?.problem.code).toBe('store.corrupt')
    expect(readFileSync(lost!.file, 'utf8')).toBe(bytes)
    expect(journal.state.deployments).toEqual({})
  })

  it('refuses the file of a newer agent and leaves it alone', () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'journal.json'), '{"v":2}')
    expect(() => openJournal(directory, 0)).toThrow(expect.objectContaining({ code: 'store.newer' }))
    expect(readFileSync(join(directory, 'journal.json'), 'utf8')).toBe('{"v":2}')
  })

  it('opens one of an agent that knew neither watch nor second bundle nor lock', () => {
    const directory = temporaryDirectory()
    const slot = { digest: 'a'.repeat(64), model: 'digits', version: '1.0.0', since: 1 }
    const deployment = { state: 'active', active: slot, candidate: null, lastGood: slot, attempts: 0, problem: null, rejected: [] }
    const bundle = { digest: 'a'.repeat(64), sizeBytes: 1, signatures: [{ keyid: '0'.repeat(32), sig: 'AA==' }] }
    const assigned = { q: { model: 'digits', version: '1.0.0', role: 'active', bundle } }
    const assignment = { v: 1, fleet: 'plant', device: 'cam-1', counter: 4, issuedAt: 1, expiresAt: 2, deployments: assigned, config: {} }
    const old = {
      v: 1,
      tokenKey: '0'.repeat(64),
      order: { payloadHash: 'h', assignment },
      newestSignedAt: 1,
      deployments: { q: deployment },
    }
    writeFileSync(join(directory, 'journal.json'), JSON.stringify(old))
    const { journal, lost } = openJournal(directory, 0)
    expect([lost, journal.state.lock, journal.state.order?.assignment.counter]).toEqual([null, null, 4])
    expect(journal.state.deployments).toEqual({ q: { ...deployment, watch: null, lastGoodWatch: null, beside: null } })
  })

  it('keeps the present state if the next cannot be written, unless it must hold', () => {
    const directory = temporaryDirectory()
    const { journal } = openJournal(directory, 0)
    // The temporary file of the replacement cannot be made where a folder stands.
    mkdirSync(join(directory, 'journal.json.new'))
    expect(() => journal.save({ ...journal.state, newestSignedAt: 1 })).toThrow('EISDIR')
    expect(journal.state.newestSignedAt).toBe(0)
    expect(journal.saveOrHold({ ...journal.state, newestSignedAt: 2 })?.message).toContain('EISDIR')
    expect(journal.state.newestSignedAt).toBe(2)
  })
})
