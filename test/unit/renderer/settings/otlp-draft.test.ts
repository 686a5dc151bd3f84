import { expect, test } from 'vitest'
import { draftOfExport, draftProblem, exportOf } from '../../../../renderer/screens/settings/metrics/otlp-draft.ts'
import { contract } from '../../../../shared/rpc/contract.ts'

const shown = {
  ...{ url: 'https://collector.test', header: 'api-key', everySeconds: 15, metrics: true, logs: 'warn' as const },
  ...{ allowsPrivate: true, hasSecret: true, isShut: false },
}

test('an export goes through the form unchanged, and its secret stays where it is', () => {
  const { hasSecret: _hasSecret, isShut: _isShut, ...choice } = shown
  const back = exportOf(draftOfExport(shown))
  expect(back).toEqual({ ...choice, secret: null })
  expect(contract['metrics.setOtlp'].input.parse({ export: back }).export).toEqual({ ...choice, secret: null })
  expect(exportOf({ ...draftOfExport(null), url: ' https://x.test ', secret: 'Bearer a' })).toMatchObject({
    url: 'https://x.test',
    secret: 'Bearer a',
  })
})

test.each([
  [{}, null],
  [{ url: '' }, 'Give an address'],
  [{ url: 'collector' }, 'The address is none'],
  [{ header: ' ' }, 'Give an address and a header'],
  [{ metrics: false, logs: 'off' as const }, 'Choose metrics, logs or both'],
  [{ metrics: false }, null],
  // As it is while a person types: nothing jumps to another number below their hands.
  [{ everySeconds: '' as const }, 'Send every 5 to 3600 s'],
  [{ everySeconds: 3 }, 'Send every 5 to 3600 s'],
  [{ everySeconds: 4000 }, 'Send every 5 to 3600 s'],
  [{ everySeconds: 30 }, null],
])('a draft with %j: %s', (part, problem) => {
  const found = draftProblem({ ...draftOfExport(shown), ...part })
  if (problem === null) expect(found).toBeNull()
  else expect(found).toContain(problem)
})
