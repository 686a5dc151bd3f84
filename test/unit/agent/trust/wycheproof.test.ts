import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isSignatureOf, trustedKeys } from '../../../../agent/trust/verify.ts'

interface Vectors {
  numberOfTests: number
  testGroups: {
    pk: string
    tests: { tcId: number; comment: string; flags: string[]; msg: string; sig: string; result: 'valid' | 'invalid' | 'acceptable' }[]
  }[]
}

const vectors = JSON.parse(readFileSync('test/fixtures/wycheproof/ed25519-test.json', 'utf8')) as Vectors

test('case 3: every Ed25519 vector of Wycheproof is judged as it must be', () => {
  const seen = { valid: 0, invalid: 0, acceptable: 0 }
  const wrong: string[] = []
  for (const { pk, tests } of vectors.testGroups) {
    const [key] = trustedKeys([Buffer.from(pk, 'hex').toString('base64')])
    for (const { tcId, msg, sig, result, flags } of tests) {
      seen[result] += 1
      const isTaken = key !== undefined && isSignatureOf(key, Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex'))
      if (flags.includes('SmallOrderPublicKey') && isTaken) wrong.push(`${tcId} small order`)
      if (result !== 'acceptable' && isTaken !== (result === 'valid')) wrong.push(`${tcId} ${result} ${flags.join()}`)
    }
  }
  expect(wrong).toEqual([])
  expect(seen.valid + seen.invalid + seen.acceptable).toBe(vectors.numberOfTests)
  console.log(`Wycheproof Ed25519: ${seen.valid} valid, ${seen.invalid} invalid, ${seen.acceptable} either way; 0 judged wrongly`)
})
