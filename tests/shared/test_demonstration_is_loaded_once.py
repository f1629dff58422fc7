"""What has been loaded is known by the fingerprint of the demonstration's files."""

from shared import demonstration


def test_a_fingerprint_is_of_the_files_and_only_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(demonstration, "ROOT", tmp_path)
    (tmp_path / "one.py").write_text("a")
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "__init__.py").write_text("a")
    single, before = demonstration.fingerprint("one:seed"), demonstration.fingerprint("many:seed")
    assert single != before
    (folder / "__init__.pyc").write_text("compiled")
    assert demonstration.fingerprint("many:seed") == before
    (folder / "records.mrc").write_text("b")
    assert demonstration.fingerprint("many:seed") not in {before, single}
    assert demonstration.fingerprint("one:seed") == single
