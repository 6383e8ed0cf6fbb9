"""What was read is read again only after a change, key by key."""

from core.services.board.remembered import Remembered


def test_read_again_only_when_the_state_is_another() -> None:
    state, reads = [0], []

    def read() -> int:
        reads.append(state[0])
        return state[0]

    remembered = Remembered[int](lambda: state[0])
    assert [remembered.get("a", read), remembered.get("a", read), remembered.get("b", read)] == [0, 0, 0]
    assert len(reads) == 2
    state[0] = 7
    assert [remembered.get("a", read), remembered.get("a", read)] == [7, 7]
    assert len(reads) == 3
