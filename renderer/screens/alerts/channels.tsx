import { Menu } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { useQuery } from '../../data/use-query.ts'
import { channelKinds } from '../../../shared/domain/alert.ts'
import type { AlertsView } from './alerts-view.ts'
import { channelWords, draftOfChannel, freshChannel, type ChannelDraft } from './channel-draft.ts'
import { ChannelEditor } from './channel-editor.tsx'
import { ChannelTable } from './channel-table.tsx'
import { Deliveries } from './deliveries.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

/** Where alerts are told, and what became of every notice. */
export function Channels({ view, onView }: { view: AlertsView; onView(change: Partial<AlertsView>): void }) {
  const answer = useQuery('alerts.channels', {})
  const [draft, setDraft] = useState<ChannelDraft | null>(null)
  return (
    <div className={styles.scroll}>
      <div className={styles.ruleHead}>
        <p className={styles.intro}>
          A channel is told once when an alert fires and once when it is over. What it does not take is tried again, also after a restart.
        </p>
        <Menu position="bottom-end">
          <Menu.Target>
            <MayButton method="alerts.setChannel" variant="filled" leftSection={<IconPlus size={14} />}>
              New channel
            </MayButton>
          </Menu.Target>
          <Menu.Dropdown>
            {channelKinds.map((kind) => (
              <Menu.Item key={kind} onClick={() => setDraft(freshChannel(kind))}>
                {channelWords[kind].title}
                <div className={styles.under}>{channelWords[kind].summary}</div>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Answered answer={answer}>
        {({ channels }) => (
          <>
            {channels.length === 0 ? (
              <EmptyState title="Alerts are told nowhere">
                They show on this page only. Add a channel, so that somebody hears of them.
              </EmptyState>
            ) : (
              <ChannelTable
                channels={channels}
                onEdit={(channel) => setDraft(draftOfChannel(channel))}
                onDeliveries={(channel) => onView({ channel })}
              />
            )}
            <Deliveries channels={channels} channel={view.channel} onChannel={(channel) => onView({ channel })} />
          </>
        )}
      </Answered>
      {draft !== null && <ChannelEditor key={draft.channel ?? draft.kind} draft={draft} onClose={() => setDraft(null)} />}
    </div>
  )
}
