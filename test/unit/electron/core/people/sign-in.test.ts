import { describe, expect, test, vi } from 'vitest'
import { openAttempts } from '../../../../../electron/core/people/attempts.ts'
import { openPasswords } from '../../../../../electron/core/people/passwords.ts'
import { openPeopleDesk, passwordOf } from '../../../../harness/people-desk.ts'

const HOUR = 3_600_000

describe('passwords', () => {
  test('one is right however its letters are composed; another, or none, is not', async () => {
    const passwords = openPasswords({ n: 16, r: 8, p: 1 })
    const hash = await passwords.hash('une phrase qui d\u00e9passe')
    expect(
      await Promise.all(
        ['une phrase qui d\u00e9passe', 'une phrase qui de\u0301passe', 'une phrase'].map((one) => passwords.check(one, hash)),
      ),
    ).toEqual([true, true, false])
    expect(await passwords.check('une phrase', null)).toBe(false)
    expect(await passwords.hash('une phrase')).not.toBe(await passwords.hash('une phrase'))
  })

  test('the usual cost stands in the hash, so that it can grow', async () => {
    expect(await openPasswords().hash('long words to keep')).toMatch(/^scrypt\$131072\$8\$1\$/)
  })
})

describe('signing in', () => {
  test('an unknown name, a wrong password and a disabled account are one answer, and each costs one hash', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    await desk.add('ben', 'viewer')
    await desk.call(desk.owner(), 'people.set', { name: 'ben', isDisabled: true })
    const check = vi.spyOn(desk.people.passwords, 'check')
    const tries = [
      { name: 'anna', password: 'wrong' },
      { name: 'nobody', password: 'wrong' },
      { name: 'ben', password: passwordOf('ben') },
    ]
    const answers = await Promise.all(
      tries.map(({ name, password }) =>
        desk.signIn(name, { password }).catch((error: { code: string; message: string }) => [error.code, error.message]),
      ),
    )
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify(['access.wrong-password', 'The name or the password is wrong.'])]),
    )
    expect(check).toHaveBeenCalledTimes(3)
  })

  test('guessing is slowed down, also for names that are no account, and a right password does not help meanwhile', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    for (const name of ['anna', 'nobody']) {
      for (let i = 0; i < 6; i += 1)
        await expect(desk.signIn(name, { password: 'wrong' })).rejects.toMatchObject({ code: 'access.wrong-password' })
      await expect(desk.signIn(name)).rejects.toMatchObject({ code: 'access.too-many' })
    }
    desk.clock.at += 1000
    await desk.signIn('anna')
    // Right: what went before is forgotten.
    await expect(desk.signIn('anna', { password: 'wrong' })).rejects.toMatchObject({ code: 'access.wrong-password' })
  })

  test('the wait doubles up to a quarter of an hour, and is forgotten after a day', () => {
    let at = 0
    const attempts = openAttempts(() => at)
    const waits: number[] = []
    for (let i = 0; i < 18; i += 1) {
      const attempt = attempts.begin('anna')
      const { waitMs } = attempt.failed()
      attempt.ended()
      waits.push(waitMs / 1000)
      at += waitMs
    }
    expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
    at += 25 * HOUR
    expect(attempts.begin('anna').failed()).toEqual({ count: 1, waitMs: 0 })
  })

  test('a name that has to wait is not forgotten for tries that were refused, nor for ten thousand others', () => {
    const attempts = openAttempts(() => 0)
    const fail = (name: string): void => {
      const attempt = attempts.begin(name)
      attempt.failed()
      attempt.ended()
    }
    for (let i = 0; i < 6; i += 1) fail('anna')
    expect(() => attempts.begin('anna')).toThrow(expect.objectContaining({ code: 'access.too-many' }))
    const waiting = Array.from({ length: 16 }, (_, index) => attempts.begin(`waiting-${index}`))
    for (let i = 0; i < 10_500; i += 1) expect(() => attempts.begin(`other-${i}`)).toThrow(/Many people/)
    for (const one of waiting) one.ended()
    for (let i = 0; i < 10_500; i += 1) fail(`next-${i}`)
    expect(() => attempts.begin('anna')).toThrow(expect.objectContaining({ code: 'access.too-many' }))
  })

  test('many guesses at once are many: none of them slips by', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const ends = await Promise.all(
      Array.from({ length: 30 }, () => desk.signIn('anna', { password: 'wrong' }).catch((error: { code: string }) => error.code)),
    )
    expect(ends.filter((code) => code === 'access.wrong-password')).toHaveLength(6)
    expect(ends.filter((code) => code === 'access.too-many')).toHaveLength(24)
  })

  test('failures are in the audit log, but neither without end nor with what was typed as a name', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    for (let i = 0; i < 100; i += 1) await desk.signIn(`my-password-${i}`, { password: 'wrong' }).catch(() => undefined)
    await desk.signIn('anna', { password: 'wrong' }).catch(() => undefined)
    const refused = desk.audit().filter(({ action }) => action === 'access.refused')
    expect(refused).toHaveLength(60)
    expect(JSON.stringify(refused)).not.toContain('my-password')
    desk.clock.at += HOUR
    await desk.signIn('anna', { password: 'wrong' }).catch(() => undefined)
    const last = desk.audit().at(-1)!
    expect([last.actor, last.action]).toEqual(['guest', 'access.refused'])
    expect(JSON.parse(last.detail)).toMatchObject({ way: 'password', unsaidBefore: 41 })
  })
})

describe('sessions', () => {
  test('one that is not used ends after twelve hours; questions that a page asks by itself are no use', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const { caller } = await desk.signIn('anna')
    desk.clock.at += 11 * HOUR
    await desk.call(caller, 'access.show', {})
    desk.clock.at += HOUR
    await expect(desk.call(caller, 'access.show', {})).rejects.toMatchObject({ code: 'access.session-ended' })
    expect(desk.people.access.isCurrent(caller)).toBe(false)
  })

  test('one at which a person works goes on, and ends after seven days', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const { caller, session } = await desk.signIn('anna')
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      desk.clock.at += 6 * HOUR
      await desk.call(caller, 'access.stayActive', {})
    }
    desk.clock.at += 6 * HOUR
    await expect(desk.call(caller, 'access.stayActive', {})).rejects.toMatchObject({ code: 'access.session-ended' })
    expect(() => desk.cli(session)).toThrow(expect.objectContaining({ code: 'access.session-ended' }))
  })

  test('it ends at once when the person signs out, is disabled, or gets another password; with another role it begins anew', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    await desk.add('ben', 'operator')
    const isCurrent = (one: { caller: Parameters<typeof desk.people.access.isCurrent>[0] }): boolean =>
      desk.people.access.isCurrent(one.caller)
    const first = await desk.signIn('ben')
    expect(await desk.call(first.caller, 'access.signOut', {})).toEqual({ ended: 1 })
    expect(isCurrent(first)).toBe(false)

    const [second, third] = [await desk.signIn('ben'), await desk.signIn('ben')]
    expect((await desk.call(second.caller, 'access.sessions', {})).sessions.filter(({ isThis }) => isThis)).toHaveLength(1)
    expect(await desk.call(second.caller, 'access.signOut', { everywhere: true })).toEqual({ ended: 2 })
    expect([second, third].map(isCurrent)).toEqual([false, false])

    const fourth = await desk.signIn('ben')
    await desk.call(desk.owner(), 'people.set', { name: 'ben', role: 'viewer' })
    expect(isCurrent(fourth)).toBe(false)
    expect(desk.cli(fourth.session)).toMatchObject({ role: 'viewer' })

    const fifth = await desk.signIn('ben')
    await desk.call(desk.owner(), 'people.set', { name: 'ben', isDisabled: true })
    await desk.call(desk.owner(), 'people.set', { name: 'ben', isDisabled: false })
    expect(isCurrent(fifth)).toBe(false)

    const sixth = await desk.signIn('ben')
    const { ticket } = await desk.call(desk.owner(), 'access.preparePassword', { password: 'a new text for ben', name: 'ben' })
    await desk.call(desk.owner(), 'people.setPassword', { name: 'ben', ticket })
    expect(isCurrent(sixth)).toBe(false)
  })

  test('nobody ends a session of another account by its id', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    await desk.add('ben', 'viewer')
    const [anna, ben] = [await desk.signIn('anna'), await desk.signIn('ben')]
    const [theirs] = (await desk.call(anna.caller, 'access.sessions', {})).sessions
    await expect(desk.call(ben.caller, 'access.endSession', { session: theirs!.session })).rejects.toMatchObject({
      code: 'access.session-not-found',
    })
    expect(desk.people.access.isCurrent(anna.caller)).toBe(true)
  })
})
