import { describe, expect, test } from 'vitest'
import { deployAction, deployCommand, deploySentence, type PreviewNumbers } from '../../../../renderer/screens/deployments/deploy-words.ts'
import { shellWord } from '../../../../renderer/components/copy.tsx'
import { deploymentName } from '../../../../shared/domain/ids.ts'

const numbers = (counts: Partial<PreviewNumbers['counts']>, toFetch = 3_100_000, alias: string | null = null): PreviewNumbers => ({
  deployment: deploymentName.parse('digits'),
  model: 'digits',
  version: '1.1.0',
  alias,
  counts: { selected: 0, changing: 0, unchanged: 0, changingOffline: 0, ...counts },
  bytes: { whole: 5_000_000, toFetch, published: 50_000 },
})

describe('what will happen, in words', () => {
  test.each([
    [
      'many devices',
      numbers({ selected: 100, changing: 97, unchanged: 3, changingOffline: 12 }),
      'digits 1.1.0 will be ordered for digits on 97 devices at once. 12 of them are offline and get the order on connecting. 3 devices have it already and stay as they are. Together they fetch 3.1 MB on the wire. Each goes on serving what it has until the new version passed its trial on that device.',
    ],
    [
      'one device, which is offline, for an alias',
      numbers({ selected: 2, changing: 1, unchanged: 1, changingOffline: 1 }, 0, 'production'),
      'digits 1.1.0 (now production) will be ordered for digits on 1 device at once. 1 of them is offline and gets the order on connecting. 1 device has it already and stays as it is. It has the files already; nothing is sent. It goes on serving what it has until the new version passed its trial on the device.',
    ],
    ['no change', numbers({ selected: 3, unchanged: 3 }), 'Nothing will change: digits 1.1.0 is ordered for digits on 3 devices already.'],
    ['no device', numbers({}), 'The query selects no device: nothing will be ordered.'],
  ])('%s', (_, preview, sentence) => {
    expect(deploySentence(preview)).toBe(sentence)
  })

  test('the button says what is deployed, and to how many', () => {
    expect(deployAction(numbers({ selected: 1200, changing: 1097 }))).toBe('Deploy digits 1.1.0 to 1,097 devices')
    expect(deployAction(numbers({ selected: 1, changing: 1 }))).toBe('Deploy digits 1.1.0 to 1 device')
  })
})

test('the command is one that a shell reads as it was meant', () => {
  const choice = { model: 'digits', version: '1.1.0', deployment: '', query: '' }
  expect(deployCommand(choice, shellWord)).toBe("npm run -s muster -- deploy digits@1.1.0 --query ''")
  expect(deployCommand({ ...choice, query: `site = "it's"`, deployment: 'quality-check' }, shellWord)).toBe(
    String.raw`npm run -s muster -- deploy digits@1.1.0 --query 'site = "it'\''s"' --deployment quality-check`,
  )
})
