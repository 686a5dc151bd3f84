import { expect, test } from 'vitest'
import { openApprovals } from '../../../../../electron/core/approval/open-approvals.ts'
import { peopleGuard } from '../../../../../electron/core/people/people-guard.ts'
import { openPeopleDesk } from '../../../../harness/people-desk.ts'

test('with accounts the second person is one who signed in: neither the same one by another way, nor a token, nor the owner', async () => {
  const desk = openPeopleDesk()
  const approvals = openApprovals(desk.store)
  desk.store.settings.set('approvalPolicy', { isRequired: true, needsSecondPerson: true, rolloutsNeedApproval: true, gates: [] })
  const outcome = (maker: string | null, approver: string): string => {
    try {
      approvals.requireOther(maker, approver)
      return 'may'
    } catch (error) {
      return (error as { hint: string }).hint
    }
  }
  expect(outcome('cli:anna', 'browser:ben')).toBe('may')
  expect(outcome('cli:anna', 'cli:anna')).toContain('--person NAME')

  await desk.add('anna', 'admin')
  await desk.add('ben', 'approver')
  const [anna, ben] = [(await desk.signIn('anna')).caller, (await desk.signIn('ben', { client: 'cli' })).caller]
  const program = desk.cli((await desk.token(ben, 'ci', { role: 'approver' })).secret)
  expect([anna.actor, ben.actor, program.actor]).toEqual(['web:anna', 'cli:ben', 'token-ci:ben'])
  expect(outcome(anna.actor, ben.actor)).toBe('may')
  const signIn = 'Another person signs in and approves it: muster login'
  for (const approver of [anna.actor, 'cli:anna', 'desktop:anna', program.actor, desk.owner().actor])
    expect(outcome('cli:anna', approver)).toBe(signIn)
  // What a program made in a person's name is that person's.
  expect(outcome(program.actor, ben.actor)).toBe(signIn)
  expect(outcome(null, ben.actor)).toBe('may')
})

test('the list of guards says whether people sign in, and whether one is enough', async () => {
  const desk = openPeopleDesk()
  expect(peopleGuard(desk.store)).toMatchObject({ state: 'off', action: { path: '/settings?tab=people' } })
  await desk.add('anna', 'admin')
  expect(peopleGuard(desk.store)).toMatchObject({ state: 'attention' })
  await desk.add('ben', 'approver')
  expect(peopleGuard(desk.store)).toMatchObject({ state: 'on', sentence: expect.stringContaining('2 people sign in, 1 as an admin.') })
  await desk.call(desk.owner(), 'people.set', { name: 'ben', isDisabled: true })
  expect(peopleGuard(desk.store)).toMatchObject({ state: 'attention' })
})
