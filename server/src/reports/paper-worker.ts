import { parentPort } from 'node:worker_threads';
import type { PaperAnswer, PaperTask } from './paper-thread.js';
import { situationPdf } from './situation-pdf.js';

/** The program of the thread that makes PDFs: a task comes in, its answer goes out. */
parentPort?.on('message', (task: PaperTask) => {
  void answerTo(task).then((answer) => parentPort?.postMessage(answer));
});

async function answerTo({ report, language }: PaperTask): Promise<PaperAnswer> {
  try {
    return { bytes: new Uint8Array(await situationPdf(report, language)) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
