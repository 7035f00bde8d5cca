import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

/** Loaded into a server before it begins: one SIGUSR2 starts a CPU profile, the next writes it and tells. */

const file = process.env.BENCH_PROFILE ?? ''
const session = new Session()
let isRecording = false

process.on('SIGUSR2', async () => {
  if (isRecording) {
    const { profile } = await session.post('Profiler.stop')
    writeFileSync(file, JSON.stringify(profile))
  } else {
    session.connect()
    await session.post('Profiler.enable')
    // Often enough that a function of a microsecond shows, and not so often that the profiler does most of the work.
    await session.post('Profiler.setSamplingInterval', { interval: 250 })
    await session.post('Profiler.start')
  }
  isRecording = !isRecording
})
