import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { enrol } from '../../../../agent/enrolment/enrol.ts'
import { enrolResultProofText } from '../../../../shared/protocol/enrolment.ts'
import { topicOf } from '../../../../shared/protocol/topics.ts'
import { startSmallConsole, testKey, type SmallConsole } from '../../../harness/small-console.ts'

const clock = { now: () => 1_700_000_000_000, monotonic: () => 0 }
const wait = { clock, connectTimeoutMs: 2000, answerTimeoutMs: 3000, confirmTimeoutMs: 0, onWaiting: () => undefined }

async function console(options: Parameters<typeof startSmallConsole>[0] = {}): Promise<SmallConsole> {
  const made = await startSmallConsole(options)
  onTestFinished(() => made.stop())
  return made
}

describe('enrolment', () => {
  it('ends with an identity whose secret never left this side', async () => {
    const host = await console()
    const { identity } = await enrol({ ...wait, brokerUrl: host.url, code: ` ${host.code.toUpperCase()} `, device: 'cam-1' })
    expect(identity).toMatchObject({
      v: 1,
      fleet: 'test',
      device: 'cam-1',
      brokerUrl: host.url,
      username: 'cam-1',
      trust: host.trust,
      enrolledAt: clock.now(),
    })
    expect(Buffer.from(identity.secret, 'base64url')).toHaveLength(32)
  })

  it('keeps the user of an external broker for enrolling and for running', async () => {
    const host = await console({ refuseGuests: true })
    const { identity } = await enrol({ ...wait, brokerUrl: host.url.replace('//', '//plant:s3cret@'), code: host.code, device: 'cam-1' })
    expect(identity).toMatchObject({ username: 'plant', secret: 's3cret', brokerUrl: host.url })
  })

  it.each([
    { name: 'a code of another form', code: () => 'hello', error: 'enrolment.code-invalid' },
    { name: 'a guest that the broker refuses', refuseGuests: true, error: 'enrolment.code-invalid' },
    { name: 'a code of a fleet that is not here', code: (code: string) => code.replace('test.', 'other.'), error: 'console.unreachable' },
    {
      name: 'an answer that was made without the code',
      code: (code: string) => code.replace('pqrs', 'zzzz'),
      error: 'enrolment.untrusted-answer',
    },
    { name: 'a device id with a wildcard', device: 'cam/+', error: 'usage' },
  ])('refuses $name', async ({ code, refuseGuests, device, error }) => {
    const host = await console({ refuseGuests: refuseGuests ?? false })
    const asked = { ...wait, answerTimeoutMs: 500, brokerUrl: host.url, code: code?.(host.code) ?? host.code, device: device ?? 'cam-1' }
    await expect(enrol(asked)).rejects.toMatchObject({ code: error })
  })

  it('names the address of a broker that is not there', async () => {
    await expect(
      enrol({ ...wait, brokerUrl: 'mqtt://127.0.0.1:1', code: 'test.abcdef.abcd-efgh-jkmn-pqrs', device: null }),
    ).rejects.toMatchObject({
      code: 'broker.unreachable',
      message: expect.stringContaining('mqtt://127.0.0.1:1') as string,
    })
  })

  it('ignores answers that others put in its way, and takes a refusal of the console', async () => {
    const host = await console()
    const published: Promise<void>[] = []
    const original = host.publish
    // The real answer comes after noise and a forged acceptance for another request.
    const forged = {
      request: 'x'.repeat(16),
      fleet: 'test',
      device: 'cam-1',
      trust: { bundle: [testKey().publicKey], assignment: [testKey().publicKey] },
    }
    const proof = createHmac('sha256', 'wrong').update(enrolResultProofText(forged)).digest('hex')
    host.onEnrolRequest = (request) => {
      const topic = topicOf('test', 'enrolResult', { request })
      for (const noise of ['', '{', '{"v":1}', JSON.stringify({ v: 1, sentAt: 1, ok: true, ...forged, proof })])
        published.push(original(topic, noise))
      published.push(
        original(
          topic,
          JSON.stringify({
            v: 1,
            sentAt: 1,
            ok: false,
            request,
            error: { code: 'enrolment.code-expired', message: 'The code has expired.' },
          }),
        ),
      )
      return true
    }
    await expect(enrol({ ...wait, brokerUrl: host.url, code: host.code, device: 'cam-1' })).rejects.toMatchObject({
      code: 'enrolment.code-expired',
    })
    await Promise.all(published)
  })

  it('sends the hash of the secret, never the secret', async () => {
    const host = await console()
    const seen: string[] = []
    host.onEnrolRequest = (_, json) => {
      seen.push(JSON.stringify(json))
      return false
    }
    const { secret } = (await enrol({ ...wait, brokerUrl: host.url, code: host.code, device: 'cam-1' })).identity
    expect(seen[0]).toContain(createHash('sha256').update(secret).digest('hex'))
    expect(seen.join('')).not.toContain(secret)
    expect(seen.join('')).not.toContain('abcd-efgh-jkmn-pqrs')
  })
})
