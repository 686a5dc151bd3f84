import { Stack } from '@mantine/core'
import { Answered } from '../../../components/answered.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { ErasePerson } from './erase-person.tsx'
import { ErasureList } from './erasure-list.tsx'
import { FieldMarks } from './field-marks.tsx'
import { ProcessingRecord } from './processing-record.tsx'

/** Personal data: fields that are marked, people who were erased, what is kept, and reports of it. */
export function PrivacySettings() {
  const answer = useQuery('privacy.show', {}, { everyMs: 10_000, keepsPrevious: true })
  const record = useQuery('privacy.record', {}, { keepsPrevious: true })
  return (
    <Stack gap="lg">
      <Answered answer={answer}>
        {({ fields, erasures, samplesOn }) => (
          <Stack gap="lg">
            <FieldMarks fields={fields} samplesOn={samplesOn} />
            <ErasePerson isReady={fields.length > 0 || erasures.length > 0} />
            {erasures.length > 0 && <ErasureList erasures={erasures} />}
          </Stack>
        )}
      </Answered>
      <Answered answer={record}>{(data) => <ProcessingRecord record={data} />}</Answered>
    </Stack>
  )
}
