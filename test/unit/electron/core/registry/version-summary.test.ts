import { expect, test } from 'vitest'
import { openReleaseDesk } from '../../../../harness/release-desk.ts'

test('a version in a list carries who imported it, and the interval of its newest evaluation', async () => {
  const desk = openReleaseDesk()
  const { evaluation } = await desk.importSample('wine', '1.0.0')
  const { versions } = await desk.call('models.list', {})
  expect(versions[0]).toMatchObject({ version: '1.0.0', importedBy: 'kim', interval: { metric: 'accuracy', level: 0.95 } })
  expect(versions[0]?.interval).toEqual(evaluation?.interval)
})
