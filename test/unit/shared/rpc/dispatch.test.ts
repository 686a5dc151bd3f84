import { describe, expect, test } from 'vitest'
import { Problem } from '../../../../shared/domain/problem.ts'
import { createDispatch, type DispatchOptions, type Handlers } from '../../../../shared/rpc/dispatch.ts'

const admin = { actor: 'test', role: 'admin' as const }
const viewer = { actor: 'test', role: 'viewer' as const }

function dispatchWith(handlers: Partial<Handlers>, options: Partial<DispatchOptions> = {}) {
  return createDispatch({
    handlers: handlers as Handlers,
    runCommand: (_, work) => work({ caller: admin, afterCommit: () => undefined }),
    checksOutput: true,
    onInternal: () => undefined,
    ...options,
  })
}

describe('calls', () => {
  const rows = [
    { name: 'a frame that is no call', frame: { id: 7, nonsense: true }, caller: admin, error: 'input.invalid' },
    { name: 'no frame at all', frame: undefined, caller: admin, error: 'input.invalid' },
    { name: 'an unknown method', frame: { id: 7, method: 'fleet.destroy', input: {} }, caller: admin, error: 'method.unknown' },
    { name: 'a prototype name', frame: { id: 7, method: 'constructor', input: {} }, caller: admin, error: 'method.unknown' },
    { name: 'an input of the wrong kind', frame: { id: 7, method: 'jobs.show', input: { job: 5 } }, caller: admin, error: 'input.invalid' },
    {
      name: 'an input with a field too many',
      frame: { id: 7, method: 'jobs.show', input: { job: 'a', extra: 1 } },
      caller: admin,
      error: 'input.invalid',
    },
    {
      name: 'a command without an id',
      frame: { id: 7, method: 'jobs.cancel', input: { job: 'a' } },
      caller: admin,
      error: 'input.invalid',
    },
    {
      name: 'a command with an empty id, which all commands would share',
      frame: { id: 7, method: 'jobs.cancel', input: { job: 'a' }, commandId: '' },
      caller: admin,
      error: 'input.invalid',
    },
    {
      name: 'a command by a viewer',
      frame: { id: 7, method: 'jobs.cancel', input: { job: 'a' }, commandId: 'c' },
      caller: viewer,
      error: 'access.denied',
    },
  ]
  test.each(rows)('$name is refused with a code', async ({ frame, caller, error }) => {
    const answer = await dispatchWith({})(frame, caller)
    expect(answer.ok ? 'ok' : answer.error.code).toBe(error)
  })

  test('a message with a name of any length is cut to what answers may carry', async () => {
    const dispatch = dispatchWith({
      'jobs.show': () => {
        throw new Problem('model.invalid', `The column '${'x'.repeat(100_000)}' is unknown.`)
      },
    })
    const answer = await dispatch({ id: 3, method: 'jobs.show', input: { job: 'a' } }, viewer)
    expect(answer.ok ? 0 : answer.error.message.length).toBe(2000)
  })

  test('what a handler throws keeps its code and hint', async () => {
    const dispatch = dispatchWith({
      'jobs.show': () => {
        throw new Problem('model.not-found', 'There is no model x.')
      },
    })
    expect(await dispatch({ id: 3, method: 'jobs.show', input: { job: 'a' } }, viewer)).toEqual({
      id: 3,
      ok: false,
      error: { code: 'model.not-found', message: 'There is no model x.', hint: '`muster models list` shows the models and versions.' },
    })
  })

  test('an output that the contract does not describe is a fault, told to the log', async () => {
    const told: string[] = []
    const dispatch = dispatchWith(
      { 'jobs.cancel': () => ({ cancelled: 'yes' }) as never },
      { onInternal: (_, method) => told.push(method) },
    )
    const answer = await dispatch({ id: 1, method: 'jobs.cancel', input: { job: 'a' }, commandId: 'c' }, admin)
    expect([answer.ok ? 'ok' : answer.error.code, told]).toEqual(['internal', ['jobs.cancel']])
  })

  test('defaults of the contract are filled in before the handler', async () => {
    let seen: unknown
    const dispatch = dispatchWith({
      'telemetry.summary': (input) => {
        seen = input
        return { rows: [] }
      },
    })
    await dispatch({ id: 1, method: 'telemetry.summary', input: {} }, viewer)
    expect(seen).toEqual({ query: '', by: 'device' })
  })
})
