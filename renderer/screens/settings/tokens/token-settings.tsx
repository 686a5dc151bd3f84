import { Table } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import type { TokenShown } from '../../../../shared/rpc/contract/tokens.ts'
import { Answered } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { formatExact } from '../../../components/format.ts'
import table from '../../../components/plain-table.module.css'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import { CreateToken } from './create-token.tsx'

/** What programs come in with. */
export function TokenSettings() {
  const answer = useQuery('tokens.list', {})
  const [isMaking, setMaking] = useState(false)
  return (
    <Section
      title="Tokens"
      actions={
        <>
          <MayButton method="tokens.create" variant="filled" leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
            New token
          </MayButton>
          <CopyAsCommand command="npm run -s muster -- tokens list" isIcon />
        </>
      }
    >
      <p>
        A program comes in with a token, does no more than its role and its list of methods allow, and acts in the name of whoever made it.
      </p>
      <Answered answer={answer}>
        {({ tokens }) => (tokens.length === 0 ? <p className="dim">There are no tokens.</p> : <TokenTable tokens={tokens} />)}
      </Answered>
      {isMaking && <CreateToken onClose={() => setMaking(false)} />}
    </Section>
  )
}

function TokenTable({ tokens }: { tokens: readonly TokenShown[] }) {
  const [asked, ask] = useState<TokenShown | null>(null)
  const revoke = useCommand('tokens.revoke')
  const confirm = async (token: TokenShown): Promise<void> => {
    await revoke.run({ token: token.token })
    ask(null)
    showDone(`The token ${token.name} is revoked.`)
  }
  return (
    <>
      <Table className={table['table']} aria-label="Tokens">
        <Table.Thead>
          <Table.Tr>
            {['Name', 'Of', 'Role', 'Methods', 'Expires', 'Last used', 'State', ''].map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.token}>
              <Table.Td className="foreign">{token.name}</Table.Td>
              <Table.Td className="foreign">{token.account ?? 'the console'}</Table.Td>
              <Table.Td>{token.role}</Table.Td>
              <Table.Td>{token.methods === null ? 'all of its role' : token.methods.join(', ')}</Table.Td>
              <Table.Td>{formatExact(token.expiresAt)}</Table.Td>
              <Table.Td>{token.usedAt === null ? 'never' : <Ago at={token.usedAt} />}</Table.Td>
              <Table.Td>{token.state}</Table.Td>
              <Table.Td>
                {token.state === 'valid' && (
                  <MayButton method="tokens.revoke" onClick={() => ask(token)}>
                    Revoke
                  </MayButton>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Confirm
        isOpen={asked !== null}
        title={`Revoke the token ${asked?.name ?? ''}`}
        action="Revoke the token"
        isBusy={revoke.isRunning}
        onConfirm={() => void (asked !== null && confirm(asked).catch(() => undefined))}
        onClose={() => ask(null)}
      >
        Programs that use it are cut off within a second. It cannot be made valid again.
      </Confirm>
    </>
  )
}
