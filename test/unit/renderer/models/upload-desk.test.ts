import { describe, expect, test } from 'vitest'
import { ticketsOf, UploadDesk, type GivenFile } from '../../../../renderer/screens/models/import/upload-desk.ts'
import { Problem } from '../../../../shared/domain/problem.ts'

interface Sent {
  name: string
  signal: AbortSignal
  begin(ticket: string): void
  progress(share: number): void
  finish(ticket: string): void
  fail(problem: Problem): void
}

/** A desk whose sendings go as far as the test says; a model whose name begins with "split" has weights in files of its own name. */
function openDesk() {
  const sent: Sent[] = []
  const discarded: string[] = []
  let files: readonly GivenFile[] = []
  let ids = 0
  const desk = new UploadDesk({
    send: (file, { signal, onProgress, onTicket }) =>
      new Promise((resolve, reject) => {
        sent.push({ name: file.name, signal, begin: onTicket, progress: onProgress, finish: resolve, fail: reject })
      }),
    join: (model, others) => {
      if (!model.name.startsWith('split')) return Promise.resolve(null)
      const joined = others.filter(({ name }) => name.startsWith(model.name))
      if (joined.length === 0) return Promise.reject(new Problem('model.external-data-forbidden', 'weights are missing'))
      return Promise.resolve({ file: new File(['whole'], `${model.name}+${joined.length}`), joined })
    },
    discard: (tickets) => discarded.push(...tickets),
    makeId: () => `file-${(ids += 1)}`,
    onChange: (next) => {
      files = next
    },
  })
  const state = (): string[] => files.map(({ name, role, share, ticket }) => `${name} ${role ?? 'none'} ${share} ${ticket ?? '-'}`)
  return { desk, sent, discarded, state, files: () => files }
}
const file = (name: string): File => new File(['x'], name)
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

/** Sends a file to its end under the ticket `t-<name>`. */
async function arrive(one: Sent, ticket = `t-${one.name}`): Promise<void> {
  one.begin(ticket)
  one.finish(ticket)
  await settle()
}

describe('files on their way to the core', () => {
  test('only what has a role is sent, in the order of the roles', async () => {
    const { desk, sent, state, files } = openDesk()
    desk.add([file('holdout.csv'), file('readme.md'), file('m.onnx')])
    await settle()
    expect(sent.map(({ name }) => name)).toEqual(['holdout.csv', 'm.onnx'])
    sent[1]!.progress(0.5)
    await arrive(sent[0]!)
    expect(state()).toEqual(['m.onnx model 0.5 -', 'holdout.csv holdout 1 t-holdout.csv', 'readme.md none 0 -'])
    expect(ticketsOf(files())).toEqual({ holdout: 't-holdout.csv' })
  })

  test('a file that takes the place of another one stops it and discards its ticket', async () => {
    const { desk, sent, discarded, state } = openDesk()
    desk.add([file('a.onnx')])
    await settle()
    sent[0]!.begin('t-a')
    desk.add([file('b.onnx')])
    await settle()
    expect([sent[0]!.signal.aborted, discarded]).toEqual([true, ['t-a']])
    sent[0]!.progress(0.9)
    await arrive(sent[1]!)
    expect(state()).toEqual(['b.onnx model 1 t-b.onnx'])
  })

  test('a ticket that comes after its file was taken off is discarded, too', async () => {
    const { desk, sent, discarded, files } = openDesk()
    desk.add([file('a.onnx')])
    await settle()
    desk.remove(files()[0]!.id)
    sent[0]!.begin('t-late')
    expect(discarded).toEqual(['t-late'])
    expect(files()).toEqual([])
  })

  test('what failed keeps its place and can be sent again', async () => {
    const { desk, sent, discarded, state, files } = openDesk()
    desk.add([file('a.onnx')])
    await settle()
    sent[0]!.begin('t-1')
    sent[0]!.fail(new Problem('console.unreachable', 'gone'))
    await settle()
    expect(files()[0]!.problem).toMatchObject({ code: 'console.unreachable', message: 'gone' })
    desk.retry(files()[0]!.id)
    expect([discarded, files()[0]!.problem]).toEqual([['t-1'], null])
    await settle()
    await arrive(sent[1]!, 't-2')
    expect(state()).toEqual(['a.onnx model 1 t-2'])
  })

  test('a role that a person gives is swapped with the file that has it; a file without one is sent then', async () => {
    const { desk, sent, state, files } = openDesk()
    desk.add([file('train.csv'), file('holdout.csv'), file('more.txt')])
    await arrive(sent[0]!)
    desk.setRole(files()[0]!.id, 'holdout')
    expect(state()).toEqual(['holdout.csv train 0 -', 'train.csv holdout 1 t-train.csv', 'more.txt none 0 -'])
    expect(sent).toHaveLength(2)
    desk.setRole(files()[2]!.id, 'bundle')
    expect(sent.at(-1)?.name).toBe('more.txt')
  })

  test('leaving discards what was sent, but not what a job has taken; a job that failed has used the files up', async () => {
    const { desk, sent, discarded, state } = openDesk()
    desk.add([file('a.onnx'), file('train.csv')])
    await settle()
    await arrive(sent[0]!)
    await arrive(sent[1]!)
    desk.handToJob()
    desk.sendAgain()
    await settle()
    expect(sent.map(({ name }) => name)).toEqual(['train.csv', 'a.onnx', 'train.csv', 'a.onnx'])
    await arrive(sent[3]!, 't-again')
    expect(state()).toEqual(['a.onnx model 1 t-again', 'train.csv train 0 -'])
    desk.clear()
    expect(discarded).toEqual(['t-again'])
    expect(sent[2]!.signal.aborted).toBe(true)
  })

  test('a model goes with the weights that were given; when they come later or go, it is sent anew', async () => {
    const { desk, sent, discarded, files } = openDesk()
    const marks = (): string[] => files().map(({ name, isJoined, problem }) => `${name} ${isJoined} ${problem?.code ?? '-'}`)
    desk.add([file('split.onnx')])
    await settle()
    expect([sent, marks()]).toEqual([[], ['split.onnx false model.external-data-forbidden']])

    desk.add([file('split.onnx_data'), file('readme.md')])
    await settle()
    expect(sent.map(({ name }) => name)).toEqual(['split.onnx+1'])
    expect(marks()).toEqual(['split.onnx false -', 'split.onnx_data true -', 'readme.md false -'])
    await arrive(sent[0]!, 't-1')

    desk.remove(files()[1]!.id)
    await settle()
    expect([discarded, marks()]).toEqual([['t-1'], ['split.onnx false model.external-data-forbidden', 'readme.md false -']])

    desk.add([file('split.onnx_data')])
    await settle()
    await arrive(sent[1]!, 't-2')
    desk.add([file('whole.onnx')])
    await settle()
    expect([discarded.at(-1), sent.at(-1)?.name]).toEqual(['t-2', 'whole.onnx'])
    expect(marks()).toEqual(['whole.onnx false -', 'readme.md false -', 'split.onnx_data false -'])
  })
})
