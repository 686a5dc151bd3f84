import { Stack } from '@mantine/core'
import { useState } from 'react'
import { z } from 'zod'
import { Screen } from '../../../components/screen.tsx'
import { useUrlState } from '../../../data/url-state.ts'
import { CarryExport } from './carry-export.tsx'
import { CarryHistory } from './carry-history.tsx'
import { CarryImport } from './carry-import.tsx'

const view = z.object({ query: z.string().max(2000).default('') })

/** Models to devices without a network, and their records back, in a folder that a person carries. */
export function Carry() {
  const [{ query }, change] = useUrlState(view)
  const [folder, setFolder] = useState('')
  return (
    <Screen title="Carry by USB" beside={<span className="dim">Models to devices without a network, and their records back</span>}>
      <Stack gap="lg">
        <CarryExport query={query} onQuery={(next) => change({ query: next })} folder={folder} onFolder={setFolder} />
        <CarryImport folder={folder} onFolder={setFolder} />
        <CarryHistory />
      </Stack>
    </Screen>
  )
}
