import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startProgram } from '../../build/demo/child.ts'
import { LocalAgent, LocalConsole } from '../../build/demo/local-fleet.ts'
import { temporaryDirectory } from '../harness/fleet.ts'

const SAMPLES = 'build/samples/digits'

test('at the command line a version is judged, approved by a second person, released, withdrawn and fallen back to', async () => {
  const directory = temporaryDirectory()
  const host = await LocalConsole.start(join(directory, 'console'), ['--fleet', 'test', '--log-level', 'error'])
  onTestFinished(() => host.crash())
  const agent = await LocalAgent.join(host.rpc!, join(directory, 'cam-1'), { device: 'cam-1' })
  onTestFinished(() => agent.crash())

  /** Runs a command as a person. @returns its exit code and what it printed */
  const as = async (person: string, ...args: string[]): Promise<{ code: unknown; output: string }> => {
    const program = startProgram('electron/core/cli.ts', ['--data', host.data, '--person', person, ...args])
    return { code: await program.ended, output: program.output() }
  }
  const json = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { code, output } = await as('anna', '--json', ...args)
    expect(code).toBe(0)
    return JSON.parse(output) as Record<string, unknown>
  }
  const done = async (person: string, ...args: string[]): Promise<string> => {
    const { code, output } = await as(person, ...args)
    expect([code, output]).toEqual([0, output])
    return output
  }
  for (const version of ['1.0.0', '1.1.0', '1.3.0-regressed']) {
    const data = ['--train', `${SAMPLES}/train.csv`, '--holdout', `${SAMPLES}/holdout.csv`]
    await done('anna', 'models', 'import', `${SAMPLES}/digits-${version}.onnx`, ...data)
  }
  await done('anna', 'deploy', 'digits@1.0.0', '--query', '', '--wait', '60')
  const gates = ['accuracy at-least 0.9', 'accuracy not-worse 0.05']
  await done('cem', 'models', 'policy', '--required', 'yes', '--second-person', 'yes', '--gate', ...gates)
  expect(await json('models', 'policy')).toMatchObject({ isRequired: true, needsSecondPerson: true, gates: [{ kind: 'at-least' }, {}] })

  expect(await as('anna', 'models', 'approve', 'digits@1.1.0')).toMatchObject({ code: 3, output: expect.stringContaining('second-person') })
  expect(await as('anna', 'deploy', 'digits@1.1.0', '--query', '')).toMatchObject({
    code: 5,
    output: expect.stringContaining('digits 1.1.0 is evaluated: it must be approved before it is released.'),
  })
  expect(await done('anna', 'deploy', 'digits@1.1.0', '--query', '', '--dry-run')).toContain('Approval: digits 1.1.0 is evaluated')
  expect((await as('ben', 'models', 'gates', 'digits@1.3.0-regressed', '--check')).code).toBe(5)
  expect((await as('ben', 'models', 'approve', 'digits@1.3.0-regressed')).code).toBe(5)
  await done('ben', 'models', 'gates', 'digits@1.1.0', '--check')
  await done('ben', 'models', 'approve', 'digits@1.1.0', '--why', 'Better on the hold-out rows.')
  expect(await done('ben', 'models', 'approve', 'digits@1.1.0')).toContain('Nothing changes')
  await done('anna', 'deploy', 'digits@1.1.0', '--query', '', '--wait', '60')

  const shown = await json('models', 'gates', 'digits@1.1.0')
  expect(shown).toMatchObject({ stage: 'released', isApproved: true })
  expect(shown['decisions']).toMatchObject([
    { act: 'release', by: 'cli:anna' },
    { act: 'approve', by: 'cli:ben', why: 'Better on the hold-out rows.' },
    { act: 'evaluate', by: 'muster' },
  ])
  expect(await json('models', 'approvals', '--stage', 'released')).toMatchObject({ versions: [{ version: '1.1.0' }, { version: '1.0.0' }] })

  await done('ben', 'models', 'withdraw', 'digits@1.1.0', '--why', 'Too slow.')
  expect((await as('anna', 'deploy', 'digits@1.1.0', '--query', '')).output).toContain('Nothing changes')
  await done('ben', 'models', 'approve', 'digits@1.0.0', '--despite-gates')
  await done('ben', 'deployments', 'fallback', 'set', 'digits', 'digits@1.0.0')
  expect(await json('deployments', 'fallback', 'list')).toMatchObject({
    fallbacks: [{ deployment: 'digits', version: '1.0.0', by: 'cli:ben' }],
  })
  expect(await done('ben', 'deployments', 'revert', 'digits', '--query', '', '--dry-run')).toContain('digits@1.0.0 on 1')
  await done('ben', 'deployments', 'fallback', 'remove', 'digits')
  expect((await as('ben', 'models', 'policy', '--gate', 'accuracy above 3')).code).toBe(2)
  expect((await as('ben', 'deployments', 'fallback', 'set', 'digits', 'digits@9.9.9')).code).toBe(4)
})
