import { describe, expect, test } from 'vitest'
import { hostileTexts } from '../../../../harness/hostile-texts.ts'
import { openPeopleDesk, passwordOf } from '../../../../harness/people-desk.ts'

describe('accounts', () => {
  test('without accounts whoever has the token of the console is its admin, under the name that they give', async () => {
    const desk = openPeopleDesk()
    expect(desk.owner()).toEqual({ actor: 'cli:kim', role: 'admin', by: 'local', account: null })
    expect(() => desk.guest()).toThrow(expect.objectContaining({ code: 'access.denied' }))
    expect(await desk.call(desk.owner(), 'access.show', {})).toMatchObject({ isGuarded: false, caller: { actor: 'cli:kim', by: 'local' } })
  })

  test('the first account is an admin, and from then on names are proven', async () => {
    const desk = openPeopleDesk()
    const before = desk.owner()
    await expect(desk.add('ben', 'operator')).rejects.toMatchObject({ code: 'people.first-admin' })
    expect(await desk.add('anna', 'admin')).toMatchObject({ name: 'anna', displayName: 'anna', role: 'admin', addedBy: 'cli:kim' })
    expect(desk.rechecks.count).toBeGreaterThan(0)
    expect(desk.people.access.isCurrent(before)).toBe(false)
    expect(desk.owner()).toEqual({ actor: 'owner', role: 'admin', by: 'owner', account: null })
    const { caller } = await desk.signIn('anna')
    expect(caller).toMatchObject({ actor: 'web:anna', role: 'admin', by: 'session', account: 'anna' })
    expect(await desk.call(caller, 'access.show', {})).toMatchObject({ isGuarded: true, caller: { account: { name: 'anna' } } })
  })

  test('what came in before the first account comes in no more, whatever it says it is: key of an address, tokens that nobody made', async () => {
    const desk = openPeopleDesk()
    const before = desk.consoleKey.current()
    const program = await desk.token(desk.owner(), 'ci', { role: 'admin', days: 366 })
    await desk.token(desk.owner(), 'old', { role: 'viewer', days: 1 })
    desk.clock.at += 2 * 86_400_000
    expect(desk.cli(program.secret).role).toBe('admin')
    expect(await desk.add('anna', 'admin')).toMatchObject({ endedTokens: 1 })
    expect(desk.renewed.count).toBe(1)
    for (const client of ['browser', 'page', 'upload', 'cli'])
      expect(() => desk.people.access.greet({ token: before, client })).toThrow(expect.objectContaining({ code: 'access.denied' }))
    expect(() => desk.cli(program.secret)).toThrow(expect.objectContaining({ code: 'access.denied' }))
    expect(desk.owner()).toMatchObject({ by: 'owner', role: 'admin' })
    // Only the first one does that: the owner's command line goes on.
    const after = desk.consoleKey.current()
    await desk.token((await desk.signIn('anna')).caller, 'ci', { role: 'admin' })
    expect(await desk.add('ben', 'viewer')).toMatchObject({ endedTokens: 0 })
    expect(desk.consoleKey.current()).toBe(after)
  })

  test('a command that failed leaves the key of the console as it was', async () => {
    const desk = openPeopleDesk()
    const before = desk.consoleKey.current()
    const { ticket } = await desk.call(desk.owner(), 'access.preparePassword', { password: 'a long enough one', name: 'anna' })
    await expect(desk.call(desk.owner(), 'people.add', { name: 'anna', role: 'viewer', ticket })).rejects.toMatchObject({
      code: 'people.first-admin',
    })
    expect([desk.consoleKey.current(), desk.renewed.count]).toEqual([before, 0])
  })

  test('the token of the console opens no page any more, and the log says when its owner came', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    expect(() => desk.people.access.greet({ token: desk.consoleKey.current(), client: 'browser' })).toThrow(
      expect.objectContaining({ code: 'access.sign-in' }),
    )
    desk.owner()
    desk.owner()
    expect(desk.audit().filter(({ action }) => action === 'access.ownerCame')).toHaveLength(1)
    desk.clock.at += 3_600_001
    desk.owner()
    expect(desk.audit().filter(({ action }) => action === 'access.ownerCame')).toHaveLength(2)
  })

  test('a guest may sign in, and nothing else', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const guest = desk.guest()
    expect(await desk.call(guest, 'access.show', {})).toMatchObject({ caller: { by: 'guest', role: 'guest', account: null } })
    for (const method of ['people.list', 'tokens.list', 'access.sessions', 'tokens.prepare', 'access.passkeyOptions'] as const)
      await expect(desk.call(guest, method, {})).rejects.toMatchObject({ code: 'access.sign-in' })
  })

  test('the last admin is neither disabled nor demoted; one of two may be', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const owner = desk.owner()
    for (const change of [{ isDisabled: true }, { role: 'operator' as const }])
      await expect(desk.call(owner, 'people.set', { name: 'anna', ...change })).rejects.toMatchObject({ code: 'people.last-admin' })
    expect(desk.store.accounts.find('anna')).toMatchObject({ role: 'admin', isDisabled: false })
    await desk.add('ben', 'admin')
    expect(await desk.call(owner, 'people.set', { name: 'anna', role: 'viewer' })).toMatchObject({ role: 'viewer' })
    await expect(desk.call(owner, 'people.set', { name: 'ben', isDisabled: true })).rejects.toMatchObject({ code: 'people.last-admin' })
  })

  test('an admin of the provider is no admin to rely on: it may be out of reach', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const of = { name: 'cleo', displayName: 'Cleo', role: 'admin' as const, handle: 'h', password: null, subject: 'iss sub' }
    desk.store.accounts.add({ ...of, addedAt: 1, addedBy: 'muster' })
    await expect(desk.call(desk.owner(), 'people.set', { name: 'anna', isDisabled: true })).rejects.toMatchObject({
      code: 'people.last-admin',
    })
  })

  test('a name is taken once, and some are taken by the console', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    await expect(desk.add('anna', 'viewer')).rejects.toMatchObject({ code: 'people.exists' })
    for (const name of ['owner', 'muster', 'guest', 'Anna', 'a b', 'a:b', '-a', ''])
      await expect(desk.add(name, 'viewer')).rejects.toMatchObject({ code: 'input.invalid' })
  })

  test.each(['short', 'aaaaaaaaaaaaaaaaaaaa', 'annakarenina1', 'x'.repeat(300)])('%s is no password for annakarenina', async (password) => {
    const desk = openPeopleDesk()
    await expect(desk.call(desk.owner(), 'access.preparePassword', { password, name: 'annakarenina' })).rejects.toMatchObject({
      code: password.length > 256 ? 'input.invalid' : 'people.password-weak',
    })
  })

  test('a password that was prepared for one account is none for another, and counts once', async () => {
    const desk = openPeopleDesk()
    const owner = desk.owner()
    const { ticket } = await desk.call(owner, 'access.preparePassword', { password: passwordOf('anna'), name: 'anna' })
    await expect(desk.call(owner, 'people.add', { name: 'ben', role: 'admin', ticket })).rejects.toMatchObject({
      code: 'access.ticket-unknown',
    })
    await desk.call(owner, 'people.add', { name: 'anna', role: 'admin', ticket })
    await expect(desk.call(desk.owner(), 'people.setPassword', { name: 'anna', ticket })).rejects.toMatchObject({
      code: 'access.ticket-unknown',
    })
  })

  test('neither a password nor the secret of a session or token stands anywhere in the store', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const { caller, session } = await desk.signIn('anna')
    const { secret } = await desk.token(caller, 'ci', { role: 'viewer' })
    desk.store.db.pragma('wal_checkpoint(TRUNCATE)')
    const bytes = desk.store.db.serialize().toString('latin1')
    expect(bytes).toContain('anna')
    for (const hidden of [passwordOf('anna'), session, secret]) expect(bytes).not.toContain(hidden)
  })
})

test('case 49: a name that a terminal or a page could obey is cleaned before it is stored; what looks like markup stays text', async () => {
  const desk = openPeopleDesk()
  await desk.add('anna', 'admin')
  for (const [given, shown] of [
    [hostileTexts.escapes, '[2J ]0;owned'],
    ['\u202Egnp.exe\u0000', 'gnp.exe'],
    [hostileTexts.markup, hostileTexts.markup],
    [' \u200b:\n ', 'anna'],
  ] as const)
    expect(await desk.call(desk.owner(), 'people.set', { name: 'anna', displayName: given })).toMatchObject({ displayName: shown })
})

describe('one’s own account', () => {
  test('a password is changed with the current one only; every other session ends', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const [here, there] = [await desk.signIn('anna'), await desk.signIn('anna', { client: 'cli' })]
    const prepare = (current?: string) =>
      desk.call(here.caller, 'access.preparePassword', { password: 'another long text', ...(current === undefined ? {} : { current }) })
    await expect(prepare('not the password')).rejects.toMatchObject({ code: 'access.wrong-password' })
    const without = await prepare()
    await expect(desk.call(here.caller, 'access.setPassword', without)).rejects.toMatchObject({ code: 'access.wrong-password' })
    expect(await desk.call(here.caller, 'access.setPassword', await prepare(passwordOf('anna')))).toEqual({ ended: 1 })
    expect([here, there].map(({ caller }) => desk.people.access.isCurrent(caller))).toEqual([true, false])
    await expect(desk.signIn('anna')).rejects.toMatchObject({ code: 'access.wrong-password' })
    await desk.signIn('anna', { password: 'another long text' })
  })

  test('the owner of the machine is no account', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    await expect(desk.call(desk.owner(), 'access.sessions', {})).rejects.toMatchObject({ code: 'people.not-a-person' })
    await expect(desk.call(desk.owner(), 'access.passkeyOptions', {})).rejects.toMatchObject({ code: 'people.not-a-person' })
  })
})
