import { uploadSteps, type UploadStep } from '../../parts/stepsOfUpload';
import { choiceParam, textParam } from '../../urlState';

export interface UploadSearch {
  step?: UploadStep;
  /** The folder shown in step files. */
  path?: string;
  page?: number;
}

export function readUploadSearch(values: Record<string, unknown>): UploadSearch {
  const page = Number(textParam(values, 'page'));
  return {
    step: choiceParam(values, 'step', uploadSteps),
    path: textParam(values, 'path'),
    page: Number.isInteger(page) && page > 1 ? page : undefined,
  };
}
