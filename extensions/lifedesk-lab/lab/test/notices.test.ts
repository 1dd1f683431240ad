import assert from 'node:assert/strict';
import test from 'node:test';
import { type Notice, NoticeBoard } from '../src/notices.ts';

const notice = (about: string, id: string): Notice => ({ about, id, kind: 'info', summary: id, advice: '' });

/** A board and the ids of the notices that are drawn. */
function drawing(): { board: NoticeBoard; drawn: () => string[] } {
  const drawn = new Map<string, string>();
  const board = new NoticeBoard({
    draw: ({ id }) => {
      drawn.set(`drawn-${id}`, id);
      return `drawn-${id}`;
    },
    erase: id => drawn.delete(id)
  });
  return { board, drawn: () => [...drawn.values()] };
}

test('a notice takes the place of the one about the same subject', () => {
  const { board, drawn } = drawing();
  board.show(notice('home', '1'));
  board.show(notice('kernel:a', '2'));
  board.show(notice('home', '3'));
  assert.deepEqual(drawn(), ['2', '3']);
});

test('a notice that comes by the stream and in the list is drawn once', () => {
  const { board, drawn } = drawing();
  let times = 0;
  const counting = new NoticeBoard({ draw: () => `${times++}`, erase: () => undefined });
  counting.show(notice('home', '1'));
  counting.match([notice('home', '1')]);
  assert.equal(times, 1);
  board.match([notice('home', '1'), notice('kernel:a', '2')]);
  assert.deepEqual(drawn(), ['1', '2']);
});

test('what no longer stands on the server is taken away', () => {
  const { board, drawn } = drawing();
  board.match([notice('home', '1'), notice('kernel:a', '2')]);
  board.match([notice('kernel:a', '2')]);
  assert.deepEqual(drawn(), ['2']);
});

test('what the user takes away is known, what was replaced is not', () => {
  const { board } = drawing();
  board.show(notice('home', '1'));
  board.show(notice('home', '2'));
  assert.equal(board.takenAway('drawn-1'), undefined);
  assert.equal(board.takenAway('drawn-2')?.id, '2');
  assert.equal(board.takenAway('drawn-2'), undefined);
});

test('a notice that was withdrawn is taken away, unless a newer one took its place', () => {
  const { board, drawn } = drawing();
  board.show(notice('home', '1'));
  board.show(notice('home', '2'));
  board.remove('1');
  assert.deepEqual(drawn(), ['2']);
  board.remove('2');
  assert.deepEqual(drawn(), []);
});
