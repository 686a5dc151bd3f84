import { Button, Group, Modal, MultiSelect, NumberInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { MAX_TOKEN_DAYS, personRoles, reaches, tokenName, type PersonRole } from '../../../../shared/domain/people.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { contract, type MethodName } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CodeLine } from '../../../components/copy.tsx'
import { useLink } from '../../../data/link-context.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { RoleSelect } from '../people/add-person.tsx'

/** Makes a token and shows its secret, once. */
export function CreateToken({ onClose }: { onClose(): void }) {
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <Modal
      opened
      onClose={onClose}
      title={secret === null ? 'New token' : 'The token is made'}
      size="md"
      closeOnClickOutside={secret === null}
    >
      {secret === null ? <TokenForm onMade={setSecret} onClose={onClose} /> : <Secret secret={secret} onClose={onClose} />}
    </Modal>
  )
}

function Secret({ secret, onClose }: { secret: string; onClose(): void }) {
  return (
    <Stack gap="sm">
      <p>It is shown once: give it to the program now, as MUSTER_TOKEN in its environment.</p>
      <CodeLine text={secret} label="Copy the token" />
      <Group justify="flex-end">
        <Button variant="filled" onClick={onClose}>
          I have it
        </Button>
      </Group>
    </Stack>
  )
}

function TokenForm({ onMade, onClose }: { onMade(secret: string): void; onClose(): void }) {
  const own = useQuery('access.show', {}).data?.caller.role ?? 'viewer'
  const roles = personRoles.filter((one) => reaches(own, one))
  const [name, setName] = useState('')
  const [role, setRole] = useState<PersonRole>('viewer')
  const [methods, setMethods] = useState<string[]>([])
  const [days, setDays] = useState(30)
  const [problem, setProblem] = useState<Problem | null>(null)
  const create = useCommand('tokens.create', { isShownInPlace: true })
  const link = useLink()
  const nameProblem = name === '' || tokenName.safeParse(name).success ? null : 'a to z, 0 to 9 and -'
  const make = async (): Promise<void> => {
    setProblem(null)
    try {
      const prepared = await link.call('tokens.prepare', {})
      await create.run({ ticket: prepared.ticket, name, role, methods: methods.length === 0 ? null : methods, days })
      onMade(prepared.secret)
    } catch (error) {
      if (error instanceof Problem) setProblem(error)
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (name !== '' && nameProblem === null) void make()
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="Name"
          placeholder="nightly-report"
          value={name}
          maxLength={40}
          error={nameProblem}
          autoComplete="off"
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RoleSelect role={role} roles={roles} onChange={setRole} />
        <MultiSelect
          label="Only these methods"
          description="None: all that its role allows."
          data={methodsOf(role)}
          value={methods.filter((one) => methodsOf(role).includes(one as MethodName))}
          searchable
          maxValues={200}
          onChange={setMethods}
        />
        <NumberInput
          label="Expires after"
          suffix={days === 1 ? ' day' : ' days'}
          min={1}
          max={MAX_TOKEN_DAYS}
          allowDecimal={false}
          value={days}
          onChange={(value) => setDays(Math.min(MAX_TOKEN_DAYS, Math.max(1, Number(value))))}
        />
        {problem !== null && <ProblemBox problem={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" disabled={name === '' || nameProblem !== null} loading={create.isRunning}>
            Make the token
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function methodsOf(role: PersonRole): MethodName[] {
  return (Object.keys(contract) as MethodName[])
    .filter((name) => contract[name].role !== 'guest' && reaches(role, contract[name].role))
    .sort()
}
