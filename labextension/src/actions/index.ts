export { KernelAction } from './kernel-action';
export {
  ACTION_MIME,
  type ActionState,
  CHANNEL,
  type IActionModel,
  type IAmount,
  type IPersistence
} from './messages';
